/**
 * What runs in the thread that makes segments. It opens logs and segments, and no file of SQLite's: to
 * close one of those would drop the locks of the whole process.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { MiB } from '../base/limits.js';
import { propertiesWithBuffers, withBuffer } from '../base/segment-properties.js';
import { Slices } from '../base/slices.js';
import { nodeFileSystem } from '../disk/file-system.js';
import { segmentPath } from '../disk/names.js';
import { BlockCache } from '../segment/block-cache.js';
import { SegmentReader } from '../segment/segment-reader.js';
import { WalFile } from '../wal/wal-file.js';
import type { BuildJob, Built, FlushOf, LogPart, MergeSources, Written } from './build-jobs.js';
import type { FromBuilder, ToBuilder } from './builder-thread.js';
import { mergeReaders } from './compaction.js';
import { contentOf } from './flush-content.js';
import { gatherLog } from './log-gathering.js';
import { Memtable } from './memtable.js';
import { type BuildPlace, buildSegment } from './segment-build.js';
import type { Rules } from './survivors.js';

const { directory, storeIds } = workerData as { directory: string; storeIds: string[] };
const [storeId = ''] = storeIds;
/** Of index and filter blocks: a merge reads data blocks past it. */
const cache = new BlockCache(MiB);
/** Used again: see docs/decisions/0005-memory.md. */
const table = new Memtable();
const stopped = new Set<number>();
let flushing: Promise<unknown> = Promise.resolve();

function tell(message: FromBuilder): void {
  parentPort?.postMessage(message);
}

async function flush(
  place: BuildPlace,
  { logs, ...of }: { logs: readonly LogPart[] } & FlushOf,
): Promise<Written> {
  table.gather();
  try {
    for (const { name, ...upTo } of logs) {
      const file = WalFile.open(nodeFileSystem, directory, name, { storeId, access: 'read' });
      try {
        if (!(await gatherLog(file, upTo, table, new Slices()))) {
          throw new RangeError(`${file.path} has changed`);
        }
      } finally {
        file.close();
      }
    }
    const content = await contentOf(new Set([table]), table, of, new Slices());
    return await buildSegment(place, content, false, () => false);
  } finally {
    table.clear();
  }
}

async function merge(
  place: BuildPlace,
  number: number,
  { inputs, isDeflated, rules, paused }: MergeSources,
): Promise<Written> {
  const readers: SegmentReader[] = [];
  try {
    for (const row of inputs.map(propertiesWithBuffers)) {
      const path = segmentPath(directory, row.id);
      readers.push(SegmentReader.open(nodeFileSystem, path, { ...row, storeIds }, cache));
    }
    const from = { readers, isDeflated, rules: rulesWithBuffers(rules), paused };
    return await mergeReaders(place, from, async (entries) => {
      tell({ number, entries });
      await flushing;
      return stopped.has(number);
    });
  } finally {
    for (const reader of readers) reader.close();
  }
}

function rulesWithBuffers({ expired, ...rules }: Rules): Rules {
  return {
    ...rules,
    expired: expired.map((each) => ({ ...each, place: withBuffer(each.place) })),
  };
}

async function build(number: number, job: BuildJob): Promise<Built> {
  const environment = { fileSystem: nodeFileSystem, newIdentity: () => job.segmentId };
  const place = { environment, directory, storeId };
  if (job.kind === 'merge') {
    return { written: await merge(place, number, job), memoryBytes: 0 };
  }
  const flushed = flush(place, job);
  flushing = flushed.catch(() => undefined);
  return { written: await flushed, memoryBytes: table.memoryBytes };
}

async function answer(number: number, job: BuildJob): Promise<void> {
  // What goes wrong here goes wrong again where it is told.
  const built = await build(number, job).catch(() => undefined);
  stopped.delete(number);
  tell({ number, built });
}

parentPort?.on('message', (message: ToBuilder) => {
  if ('job' in message) void answer(message.number, message.job);
  else stopped.add(message.number);
});
