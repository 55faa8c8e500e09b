import { readFileSync } from 'node:fs';
import { openSubject } from '../subjects/subjects.mjs';
import { requireSame } from './check.mjs';
import { bytesOf } from './load.mjs';
import { timed } from './timed.mjs';

/** The most memory that this process has ever held, in MiB. */
const peakMiB = () =>
  Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;

/** Bytes that this process has had written to files, ever. */
const bytesWritten = () =>
  Number(/^write_bytes: (\d+)/m.exec(readFileSync('/proc/self/io', 'utf8'))[1]);

/** Loads a store, and says what that cost; it is left as it then is, as a process leaves it. */
export async function grow({ shape, subject, directory, memoryMiB }) {
  const store = await openSubject(subject, directory, { memoryMiB });
  const writtenBefore = bytesWritten();
  const loading = await timed(shape.rows, () => store.load(shape.arrivingByThemselves()));
  await store.close();
  const userBytes = shape.rows * (shape.keyText(0).length + shape.valueBytes);
  return {
    wall: loading.wall,
    written: (bytesWritten() - writtenBefore) / userBytes,
    space: bytesOf(directory) / userBytes,
    peakMiB: peakMiB(),
  };
}

/** Lookups in it, each timed by itself. */
export async function readGrown({ shape, subject, directory, memoryMiB, warmUp, count, seed }) {
  const store = await openSubject(subject, directory, { memoryMiB });
  for (const { text, at, row } of shape.questions(warmUp, seed)) {
    requireSame(store.get(text, at), row, shape, `${text} as of ${at}`);
  }
  const took = shape.questions(count, seed + 1).map(({ text, at }) => {
    const start = performance.now();
    store.get(text, at);
    return (performance.now() - start) * 1000;
  });
  await store.close();
  took.sort((a, b) => a - b);
  const mean = took.reduce((sum, each) => sum + each, 0) / count;
  return { mean, p50: took[count >> 1], p99: took[Math.floor(count * 0.99)], peakMiB: peakMiB() };
}
