/** What the figures were measured on. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

export function describeMachine(directory) {
  const about = {
    node: process.version,
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    fileSystem: fileSystemOf(directory),
    /** Of the last minute, before anything was measured: above 0 others were at work. */
    load: loadavg()[0],
  };
  const { node, cores, processor, memoryGiB, kernel, fileSystem, load } = about;
  return {
    ...about,
    text:
      `Node ${node}, ${cores} cores (${processor}), ${memoryGiB} GiB, ` +
      `Linux ${kernel}, ${fileSystem}; load before: ${load.toFixed(1)}`,
  };
}

/** The type of the file system that is mounted nearest above. */
function fileSystemOf(directory) {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, point]) => point === '/' || `${directory}/`.startsWith(`${point}/`))
    .sort(([, a], [, b]) => b.length - a.length);
  return mounts[0]?.[2] ?? 'unknown';
}
