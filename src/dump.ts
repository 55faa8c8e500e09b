/** Shows what is in one file of a store, wherever it lies now. */
import { resolve } from 'node:path';
import { copyOf } from './base/bytes.js';
import { type Damage, damageOf } from './base/damage.js';
import type { Entry } from './base/entry.js';
import { invalidArgument } from './base/errors.js';
import { isExpiryKey } from './base/expiry-order.js';
import { keyOf, toVersion } from './answers.js';
import { checkOptions } from './checks.js';
import { type FileSystem, ioError } from './disk/file-system.js';
import { systemEnvironment } from './engine/environment.js';
import type { DumpedPart, DumpOptions, Version } from './options.js';
import { SegmentFile } from './segment/segment-file.js';
import { SegmentWalk } from './segment/segment-walk.js';
import { FrameDurability, FrameType, type FrameHeader } from './wal/format.js';
import { RecordReader } from './wal/record.js';
import { WalReader, WalWalk } from './wal/wal-reader.js';

interface Dumped {
  fileSystem: FileSystem;
  path: string;
  show: (part: DumpedPart) => void;
  tell: (damage: Omit<Damage, 'file'>) => void;
}

/**
 * The versions in a WAL or segment file, in the order in which they lie there. Needs no store: the
 * file may lie in `quarantine/`, or be a copy. What is damaged is told, and what follows is shown.
 * @throws ERR_TIMEKV_INVALID_ARGUMENT if it is neither; ERR_TIMEKV_IO; ERR_TIMEKV_UNSUPPORTED_FORMAT
 */
export function* dump(file: string, options: DumpOptions = {}): Generator<Version<Buffer>> {
  const { onPart = ignore, onDamage = ignore } = checkOptions(options, 'dump');
  const { fileSystem } = systemEnvironment();
  const path = resolve(file);
  const dumped: Dumped = {
    fileSystem,
    path,
    show: onPart,
    tell: (damage) => {
      onDamage({ file: path, ...damage });
    },
  };
  try {
    const entries = kindOf(fileSystem, path) === 'wal' ? walEntries : segmentEntries;
    for (const entry of entries(dumped)) yield toVersion(keyOf(entry), entry, copyOf);
  } catch (error) {
    throw ioError(error, 'read', path);
  }
}

function ignore(): void {
  // Nobody wants to know.
}

/** By its first bytes; where these are damaged, by its name. */
function kindOf(fileSystem: FileSystem, path: string): 'wal' | 'segment' {
  const file = fileSystem.open(path, 'read');
  const magic = Buffer.alloc(8);
  try {
    fileSystem.read(file, magic, 0, magic.length, 0);
  } finally {
    fileSystem.close(file);
  }
  const text = magic.toString('latin1');
  if (text === 'timekvWL' || (text !== 'timekvSG' && path.endsWith('.wal'))) return 'wal';
  if (text === 'timekvSG' || path.endsWith('.seg')) return 'segment';
  throw invalidArgument(`${path} is neither a WAL (.wal) nor a segment (.seg) of timekv`);
}

function* segmentEntries({ fileSystem, path, show, tell }: Dumped): Generator<Entry> {
  let file: SegmentFile | undefined;
  try {
    file = new SegmentFile(fileSystem, path);
  } catch (error) {
    tell({ ...damageOf(error, 0), lost: 'the whole segment' });
    return;
  }
  const { storeId, segmentId } = file.identity;
  show({ part: 'segment', id: segmentId, storeId, bytes: file.bytes });
  try {
    for (const entry of new SegmentWalk(file, tell).entries()) {
      // Those in the order of expiry are no versions.
      if (!isExpiryKey(entry.key)) yield entry;
    }
  } finally {
    file.close();
  }
}

function* walEntries({ fileSystem, path, show, tell }: Dumped): Generator<Entry> {
  const file = new WalReader(fileSystem, path);
  try {
    const { generation, storeId, baseSeq, createdAt } = file.header;
    if (file.isIntact) {
      show({ part: 'wal', generation, storeId, baseSeq, createdAt });
    } else {
      const what = 'the file header is not one that was written';
      tell({ offset: 0, what, lost: 'what the frames do not tell themselves' });
    }
    const walk = new WalWalk(file);
    let gaps = 0;
    for (const { header, payload } of walk.frames()) {
      for (const { before, next } of walk.gaps.slice(gaps)) {
        const lost = `what lies between seq ${before.seq} and seq ${next.firstSeq}, of any key`;
        tell({ offset: before.offset, what: 'bytes that are no frame', lost });
      }
      gaps = walk.gaps.length;
      show(frameOf(header));
      if (header.type !== FrameType.data) continue;
      // Others may walk over a log before the next step, in the same memory.
      const bytes = copyOf(payload);
      walk.pause();
      yield* recordsIn(bytes, header, tell);
    }
    if (walk.tail.next === undefined && hasMore(file, walk.tail.offset)) {
      const lost = 'nothing that was committed, or the last frames: the end register tells';
      tell({ offset: walk.tail.offset, what: 'bytes that are no frame, up to the end', lost });
    }
  } finally {
    file.close();
  }
}

function* recordsIn(payload: Buffer, header: FrameHeader, tell: Dumped['tell']): Generator<Entry> {
  const records = new RecordReader();
  records.reset(payload);
  try {
    for (let seq = header.firstSeq; records.next(); seq++) {
      const { keyOffset, keyBytes, timestamp, kind, expiresAt } = records;
      const key = payload.subarray(keyOffset, keyOffset + keyBytes);
      yield { key, timestamp, seq, kind, expiresAt, value: records.value() };
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const what = `a record cannot be read: ${error.message}`;
    tell({ offset: header.offset, what, lost: 'the rest of the frame' });
  }
}

/** True if anything but zeros lies behind the offset. */
function hasMore(file: WalReader, offset: number): boolean {
  const piece = Buffer.alloc(64 * 1024);
  for (let at = offset; ; at += piece.length) {
    const length = file.read(piece, piece.length, at);
    if (length === 0) return false;
    if (piece.subarray(0, length).some((byte) => byte !== 0)) return true;
  }
}

function frameOf(header: FrameHeader): DumpedPart {
  const { ordinal, offset, count, firstSeq, commitTime: writtenAt } = header;
  if (header.type === FrameType.seal) return { part: 'seal', ordinal, offset, writtenAt };
  const durability = header.durability === FrameDurability.full ? 'full' : 'process';
  return { part: 'frame', ordinal, offset, writtenAt, firstSeq, count, durability };
}
