/**
 * Ends a damaged log and saves what can be read of it. Under the write lock a new, empty file is
 * made, and the old one sealed with its name, so that every process that has it open goes on there:
 * behind its last frame, or where that is lost behind everything, so that what is lost lies in its
 * middle. Then nobody writes to the old files, and what is readable of each goes into a segment.
 */
import { basename } from 'node:path';
import { align8 } from '../base/bytes.js';
import { shownSeqs } from '../base/damage.js';
import { batchOperationsMax } from '../base/limits.js';
import type { SegmentProperties } from '../base/segment-properties.js';
import { Slices } from '../base/slices.js';
import type { Loss, Manifest, WalRow } from '../catalog/manifest.js';
import { endPath, walDirectory, walPath, type WalName } from '../disk/names.js';
import { encodeFrame, FrameDurability, FrameType, sealFrame, noNow } from '../wal/format.js';
import { checkWal, type WalCheck } from '../wal/wal-check.js';
import { publishedWithSync, type Tail, WalFile } from '../wal/wal-file.js';
import { readRegister, WalReader, WalWalk } from '../wal/wal-reader.js';
import { Memtable } from './memtable.js';
import { putAside } from './put-aside.js';
import { buildSegmentOf } from './segment-build.js';
import { walsAfter } from './store-files.js';
import { areAccepted, missingWal, unlessMissing, type VerifyPlace } from './verify.js';
import { entriesAt } from './cursor-entries.js';

/** No file holds as many operations: so far on go the seqs where nobody knows how many were given. */
const unknownSeqs = 2 * batchOperationsMax;

/** One file of the log that is being ended. */
export interface OldLog {
  name: WalName;
  check: WalCheck;
}

export interface EndedLog {
  /** Oldest first; none of them is written to any more. */
  files: OldLog[];
  /** The file that goes on. */
  next: WalName;
  /** The last seq before it. */
  baseSeq: number;
}

/** Ends the log. The caller holds the write lock, and the maintenance lock too. */
export async function endLog(place: VerifyPlace, manifest: Manifest): Promise<EndedLog> {
  const { environment, directory } = place;
  const { fileSystem, newIdentity, clock, bootId } = environment;
  const files = await liveFiles(place, manifest);
  await putAside(environment, directory, damagedPaths(directory, files));
  const known = knownEnd(files, manifest, clock.now());
  const last = files.at(-1);
  if (last === undefined) throw new RangeError('the catalog names no live log');
  const next = { generation: last.name.generation + 1, suffix: newIdentity(8) };
  const { tail } = last.check;
  WalFile.create(fileSystem, directory, next, {
    salt: Number.parseInt(newIdentity(4), 16),
    createdAt: clock.now(),
    storeId: manifest.settings.storeId,
    bootId,
    generation: next.generation,
    baseSeq: known.seq,
    lastNow: known.lastNow,
    previousEnd: tail?.offset ?? 0,
    previousCrc: tail?.crc ?? 0,
    lastCommitTime: noNow,
  });
  fileSystem.syncDirectory(walDirectory(directory));
  if (tail === undefined) keepOut(place, last);
  else seal(place, last, tail, { next, ...known });
  return { files, next, baseSeq: known.seq };
}

/** The live files, one after the other; where the seal is lost, files with frames go on. */
async function liveFiles(place: VerifyPlace, manifest: Manifest): Promise<OldLog[]> {
  const { environment, directory } = place;
  const { fileSystem, bootId } = environment;
  const slices = new Slices();
  const files: OldLog[] = [];
  let name: WalName | undefined = manifest.wals.find(({ state }) => state === 'live');
  while (name !== undefined) {
    const path = walPath(directory, name);
    const { generation, suffix } = name;
    const expected = { storeId: manifest.settings.storeId, generation, isKept: false };
    const paths = { fileSystem, path, registerPath: endPath(directory, name), bootId };
    const found = await unlessMissing(() => checkWal(paths, expected, slices));
    const check = found ?? missingWal(path);
    files.push({ name: { generation, suffix }, check });
    name = check.tail?.next ?? walsAfter(environment, directory, generation)[0];
  }
  return files;
}

/** The last seq that may have been given, and the last *now*. */
function knownEnd(
  files: readonly OldLog[],
  { segments, settings }: Manifest,
  clockNow: number,
): { seq: number; lastNow: number } {
  const tails = files.flatMap(({ check }) => check.tail ?? []);
  const seqs = [...segments.map(({ maxSeq }) => maxSeq), ...tails.map(({ seq }) => seq)];
  const seq = Math.max(0, ...seqs);
  const lastNow = Math.max(...tails.map((tail) => tail.lastNow), -Infinity);
  const last = files.at(-1)?.check;
  const isKnown = last?.tail !== undefined && last.tail.ordinal >= last.frames && hasStart(last);
  if (isKnown) return { seq, lastNow };
  // A tick store's now is its largest timestamp; elsewhere the clock is past what was given.
  const times = settings.unit === 'us' ? [clockNow] : segments.map((row) => row.maxTimestamp);
  return { seq: seq + unknownSeqs, lastNow: Math.max(lastNow, ...times) };
}

/** A header that cannot be relied on tells no seq; a frame does. */
function hasStart({ header, tail }: WalCheck): boolean {
  return header !== undefined || (tail?.ordinal ?? 0) > 0;
}

/** Leads whoever has the file open to the next one. */
function seal(
  { environment, directory }: VerifyPlace,
  { name, check: { frames } }: OldLog,
  tail: Tail,
  { next, seq, lastNow }: { next: WalName; seq: number; lastNow: number },
): void {
  const { fileSystem, clock } = environment;
  const reader = new WalReader(fileSystem, walPath(directory, name));
  const { salt } = reader.header;
  const size = reader.size();
  reader.close();
  const isEndLost = tail.ordinal < frames;
  // Not where somebody expects a frame that follows one which is lost.
  const offset = isEndLost ? align8(Math.max(size, tail.offset)) + 8 : tail.offset;
  const ordinal = Math.max(tail.ordinal, frames) + 1;
  const { buffer: frame, payloadBytes } = sealFrame(next);
  const header = {
    payloadBytes,
    previousCrc: tail.crc,
    type: FrameType.seal,
    durability: FrameDurability.full,
    offset,
    ordinal,
    // What is lost was there.
    durable: ordinal - 1,
    count: 0,
    firstSeq: seq + 1,
    commitTime: clock.now(),
    lastNow,
  };
  encodeFrame(frame, header, salt);
  const file = fileSystem.open(walPath(directory, name), 'readWrite');
  try {
    fileSystem.write(file, frame, offset);
    fileSystem.truncate(file, offset + frame.length);
    fileSystem.syncData(file);
  } finally {
    fileSystem.close(file);
  }
  publish(environment.fileSystem, endPath(directory, name), ordinal);
}

/** No seal can lead on from a file that is gone: who has it open is told that it is damaged. */
function keepOut({ environment, directory }: VerifyPlace, { name }: OldLog): void {
  const path = endPath(directory, name);
  const register = readRegister(environment.fileSystem, path);
  if (register !== undefined) publish(environment.fileSystem, path, register.committed + 1);
}

/** All frames up to the seal; a register that is gone or no register is made anew. */
function publish(
  fileSystem: VerifyPlace['environment']['fileSystem'],
  path: string,
  ordinal: number,
) {
  const isThere = readRegister(fileSystem, path) !== undefined;
  const register = isThere ? fileSystem.open(path, 'readWrite') : fileSystem.create(path);
  try {
    fileSystem.write(register, Buffer.alloc(ordinal + 1, publishedWithSync), 0);
  } finally {
    fileSystem.close(register);
  }
}

/** What can be read of the old files, a segment for each that has anything. */
export async function rescue(
  { environment, directory }: VerifyPlace,
  { settings }: Manifest,
  { files }: EndedLog,
): Promise<SegmentProperties[]> {
  const segments: SegmentProperties[] = [];
  const table = new Memtable();
  for (const { name, check } of files) {
    if (check.tail === undefined) continue;
    const reader = new WalReader(environment.fileSystem, walPath(directory, name));
    try {
      await addReadable(reader, check, table);
    } finally {
      reader.close();
    }
    const place = { environment, directory, storeId: settings.storeId };
    const segment = await buildSegmentOf(place, entriesAt(table.cursor(Infinity)), false);
    if (segment !== undefined) segments.push(segment);
    table.clear();
  }
  return segments;
}

/** The frames that count: up to the tail that was found. */
async function addReadable(reader: WalReader, check: WalCheck, table: Memtable): Promise<void> {
  const upTo = check.tail?.ordinal ?? 0;
  const walk = new WalWalk(reader);
  const slices = new Slices();
  for (const { header, payload } of walk.frames()) {
    if (header.ordinal > upTo) return;
    if (header.type === FrameType.data) table.addFrame(payload, header.firstSeq);
    if (!slices.isOver) continue;
    walk.pause();
    await slices.next();
  }
}

/** What was lost with the log: the seqs that no frame which can be read has. */
export function lossesOf(
  { files, baseSeq }: EndedLog,
  { segments, losses: known }: Manifest,
  acceptedAt: number,
): Loss[] {
  const losses: Loss[] = [];
  let seq = segments.at(-1)?.maxSeq ?? 0;
  let file = '';
  const lose = (from: number, to: number) => {
    if (to < from || areAccepted(known, from, to)) return;
    const lost = `${shownSeqs(from, to)}, of any key`;
    losses.push({ acceptedAt, file, minSeq: from, maxSeq: to, lost });
  };
  for (const { name, check } of files) {
    const here = basename(walPath('', name));
    const start = check.header?.baseSeq;
    if (file === '' || start === undefined) file = here;
    if (start !== undefined) lose(seq + 1, start);
    file = here;
    seq = Math.max(seq, start ?? 0);
    for (const { before, next } of check.gaps) {
      const from = check.header === undefined && before.ordinal === 0 ? seq : before.seq;
      lose(from + 1, next.firstSeq - 1);
    }
    if (check.tail !== undefined && hasStart(check)) seq = Math.max(seq, check.tail.seq);
  }
  lose(seq + 1, baseSeq);
  return losses;
}

/** The rows of old files that are whole and have nothing damaged behind them: watchers may want them. */
export function keptRows(
  { environment, directory }: VerifyPlace,
  files: readonly OldLog[],
  isNamed: (name: WalName) => boolean,
): WalRow[] {
  const lastDamaged = files.findLastIndex(
    ({ name, check }) => check.damages.length > 0 || isNamed(name),
  );
  return files.slice(lastDamaged + 1).map(({ name }) => {
    const bytes = environment.fileSystem.status(walPath(directory, name))?.bytes ?? 0;
    return { ...name, state: 'kept', bytes };
  });
}

function damagedPaths(directory: string, files: readonly OldLog[]): string[] {
  return files
    .filter(({ check }) => check.damages.length > 0)
    .flatMap(({ name }) => [walPath(directory, name), endPath(directory, name)]);
}
