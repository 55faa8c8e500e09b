/**
 * Puts sealed logs into a segment, after which they are kept for watchers. Only the holder of the
 * maintenance lock does so:
 * 1. the segment written and synced, 2. its directory synced, 3. one catalog transaction (the
 * commit point) that adds it and takes the logs off the live list, 4. only then files removed.
 */
import { damaged } from '../base/errors.js';
import { walBytesMax, walKeptBytes } from '../base/limits.js';
import { Slices } from '../base/slices.js';
import type { SegmentProperties } from '../base/segment-properties.js';
import type { WalRow } from '../catalog/manifest.js';
import { endPath, walPath } from '../disk/names.js';
import type { Builder, Built, FlushOf, LogPart } from './build-jobs.js';
import { contentOf } from './flush-content.js';
import type { Generation } from './generation.js';
import type { LiveFiles } from './live-files.js';
import type { Log } from './log.js';
import {
  buildPlace,
  buildSegment,
  buildThere,
  type Content,
  propertiesOf,
  requireOurs,
} from './segment-build.js';

/** So much of the memory tier may go into the memtables of one flush. */
const flushShare = 1 / 8;
/** …and no more than this: four logs are sorted quicker than eight, by an eighth a version. */
const flushBytesMax = 4 * walBytesMax;

/** Ends the active log, if there is anything in it, so that it can be flushed. */
export function sealLog(log: Log): void {
  const tail = log.catchUp();
  if (tail.ordinal > 0) log.rotate(tail);
}

/**
 * Flushes what is sealed, or as much of it as fits in memory; answers whether there was anything.
 * @param builder makes the segment, if that is not done in this thread
 */
export async function flushSealed(files: LiveFiles, builder?: Builder): Promise<boolean> {
  files.reload();
  files.refresh();
  const bytesMax = Math.min(files.place.memoryBytes * flushShare, flushBytesMax);
  const sealed = fitting(files.log.sealed, bytesMax);
  if (sealed.length === 0) return false;
  const segment = await buildFrom(files, sealed, builder);
  // Rotations may have gone on meanwhile: the log begins right behind what is flushed now.
  const lastSealed = sealed.at(-1)?.generation ?? 0;
  const next = files.log.generations.find((each) => each.generation === lastSealed + 1);
  if (next === undefined) throw new RangeError(`no log follows generation ${lastSealed}`);
  const trimmed: WalRow[] = [];
  files.catalog.update(({ segments, wals }) => {
    const sealedRows = sealed.map(keptRow);
    const first = wals.find((row) => row.state === 'live');
    requireOurs(files, segment, first?.suffix === sealedRows[0]?.suffix);
    const kept = [...wals.filter(isKept), ...sealedRows];
    trimmed.push(...trimKept(kept));
    return {
      segments: segment === undefined ? segments : [...segments, segment],
      wals: [...kept, { ...next.file.name, state: 'live', bytes: 0 }],
    };
  });
  files.reload();
  removeLogs(files, trimmed);
  return true;
}

async function buildFrom(
  files: LiveFiles,
  sealed: readonly Generation[],
  builder: Builder | undefined,
): Promise<SegmentProperties | undefined> {
  for (const generation of sealed) generation.retain();
  try {
    const built = builder && (await flushThere(files, builder, sealed));
    if (built !== undefined) return propertiesOf(built.written);
    const content = await contentOfLogs(files, sealed);
    files.shareMemory();
    return propertiesOf(await buildSegment(buildPlace(files), content, false, () => false));
  } finally {
    for (const generation of sealed) generation.release();
    files.sorting.clear();
  }
}

async function flushThere(
  files: LiveFiles,
  builder: Builder,
  sealed: readonly Generation[],
): Promise<Built | undefined> {
  const logs = sealed.map(logPart);
  const built = await buildThere(files, builder, {
    kind: 'flush',
    logs,
    ...flushOf(files, sealed),
  });
  if (built !== undefined) files.buildersMemory(built.memoryBytes);
  return built;
}

function flushOf({ manifest }: LiveFiles, sealed: readonly Generation[]): FlushOf {
  const minSeq = (sealed[0]?.file.header.baseSeq ?? 0) + 1;
  const maxSeq = sealed.at(-1)?.committed().seq ?? 0;
  return { seqs: { minSeq, maxSeq }, snapshots: manifest.snapshots.map(({ seq }) => seq) };
}

function logPart(generation: Generation): LogPart {
  requireWhole(generation);
  const { ordinal, crc } = generation.committed();
  return { name: generation.file.name, ordinal, crc };
}

function requireWhole({ holes }: Generation): void {
  for (const { file, offset } of holes) {
    throw damaged(file, offset, 'a frame of the log cannot be read');
  }
}

async function contentOfLogs(files: LiveFiles, sealed: readonly Generation[]): Promise<Content> {
  const slices = new Slices();
  // It is empty: what is not in memory for readers is sorted in it.
  const table = files.sorting;
  const tables = new Set([table]);
  table.gather();
  for (const generation of sealed) {
    requireWhole(generation);
    tables.add(await generation.sorted(table, slices));
  }
  return contentOf(tables, table, flushOf(files, sealed), slices);
}

/** The oldest ones, up to so many bytes; at least one. */
function fitting(sealed: readonly Generation[], bytesMax: number): readonly Generation[] {
  let bytes = 0;
  const end = sealed.findIndex((generation, index) => {
    bytes += generation.file.size();
    return index > 0 && bytes > bytesMax;
  });
  return end === -1 ? sealed : sealed.slice(0, end);
}

function keptRow(generation: Generation): WalRow {
  return { ...generation.file.name, state: 'kept', bytes: generation.file.size() };
}

/** Takes the oldest off the list while those that remain still have what watchers are promised. */
function trimKept(kept: WalRow[]): WalRow[] {
  let bytes = kept.reduce((sum, row) => sum + row.bytes, 0);
  let count = 0;
  for (const row of kept) {
    if (bytes - row.bytes < walKeptBytes) break;
    bytes -= row.bytes;
    count++;
  }
  return kept.splice(0, count);
}

/** Gives up what is kept for watchers. In the same order: catalog, then files. */
export function dropKeptLogs(files: LiveFiles): void {
  if (!files.manifest.wals.some(isKept)) return;
  const dropped: WalRow[] = [];
  files.catalog.update(({ segments, wals }) => {
    dropped.push(...wals.filter(isKept));
    return { segments, wals: wals.filter((row) => !isKept(row)) };
  });
  files.reload();
  removeLogs(files, dropped);
}

const isKept = (row: WalRow): boolean => row.state === 'kept';

function removeLogs(files: LiveFiles, rows: readonly WalRow[]): void {
  const { environment, directory } = files.place;
  for (const row of rows) {
    environment.fileSystem.remove(walPath(directory, row));
    environment.fileSystem.remove(endPath(directory, row));
  }
}
