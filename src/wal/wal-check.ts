/** Holds a WAL file and its end register against themselves and one another, in slices. */
import { type Damage, damageOf, nothingLost, shownRange, shownSeqs } from '../base/damage.js';
import { systemCode } from '../base/errors.js';
import { keyBytesMax } from '../base/limits.js';
import type { Slices } from '../base/slices.js';
import type { FileSystem } from '../disk/file-system.js';
import { frameHeaderBytes, FrameType, trailerBytes, type FileHeader } from './format.js';
import type { Frame } from './frame-walker.js';
import { RecordReader } from './record.js';
import { publishedWithoutSync, publishedWithSync, type Tail } from './wal-file.js';
import { readRegister, WalReader, WalWalk, type Register, type WalGap } from './wal-reader.js';

export interface WalCheck {
  /** Undefined if it cannot be relied on. */
  header: FileHeader | undefined;
  bytes: number;
  /** Operations that can be read. */
  entries: number;
  /** After the last frame that counts; undefined if committed frames behind it are lost. */
  end: Tail | undefined;
  /** The same without the seal. */
  beforeSeal: Tail | undefined;
  /** After the last frame that can be read and counts; undefined if the file is not of this log. */
  tail: Tail | undefined;
  /** Damaged places before the tail, each with the seqs that it takes. */
  gaps: WalGap[];
  /** Frames that must have been there: those known to be on the disk, or published. */
  frames: number;
  damages: Damage[];
}

export interface WalPlace {
  fileSystem: FileSystem;
  /** The file and its end register. */
  path: string;
  registerPath: string;
  /** Identifies the run of the kernel. */
  bootId: string;
}

/** What must be true of a file that the catalog lists, or that a seal leads to. */
export interface ExpectedWal {
  storeId: string;
  generation: number;
  /** It has been sealed and flushed. */
  isKept: boolean;
}

/**
 * @param expected undefined: the file is only held against itself
 * @throws the system's ENOENT if there is no such file
 */
export async function checkWal(
  place: WalPlace,
  expected: ExpectedWal | undefined,
  slices: Slices,
): Promise<WalCheck> {
  const { fileSystem, path } = place;
  const damages: Damage[] = [];
  let reader: WalReader | undefined;
  try {
    reader = new WalReader(fileSystem, path);
    return await checkOpen(place, reader, expected, slices);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw error;
    damages.push({ file: path, ...damageOf(error, 0), lost: 'what is in the file, of any key' });
    return { ...nothingOfLog, damages };
  } finally {
    reader?.close();
  }
}

async function checkOpen(
  place: WalPlace,
  reader: WalReader,
  expected: ExpectedWal | undefined,
  slices: Slices,
): Promise<WalCheck> {
  const { fileSystem, path, registerPath, bootId } = place;
  const damages: Damage[] = [];
  const isHeaderRight = checkHeader(reader, expected, damages);
  // Before the frames: what is committed by now has to be among them.
  const register = readRegister(fileSystem, registerPath);
  const walk = new WalWalk(reader);
  const frames = new FramesCheck(path, damages);
  for (const frame of walk.frames()) {
    frames.check(frame, walk.gaps.length);
    if (!slices.isOver) continue;
    walk.pause();
    await slices.next();
  }
  const { header } = reader;
  const outlivedBoot = header.bootId === '' || header.bootId !== bootId;
  const committed = register?.committed ?? -1;
  const known = outlivedBoot ? (register?.durable ?? 0) : committed;
  const durable = Math.max(known, walk.durable);
  // A gap is damage if a frame in it was on the disk; else it is a torn tail, and so is all behind.
  const torn = walk.gaps.findIndex(({ before }) => before.ordinal >= durable);
  const lost = torn === -1 ? walk.gaps : walk.gaps.slice(0, torn);
  const end = walk.gaps[torn]?.before ?? walk.tail;
  for (const gap of lost) damages.push(gapDamage(path, gap));
  const isEndLost = end.ordinal < durable;
  if (isEndLost) {
    damages.push({
      file: path,
      offset: end.offset,
      what: `${shownRange('frame', end.ordinal + 1, durable)} at its end cannot be read`,
      lost: `all from seq ${end.seq + 1} on in this file, of any key`,
    });
  }
  const published = { outlivedBoot, isKept: expected?.isKept === true, end, durable: walk.durable };
  checkRegister(place, register, published, damages);
  damages.sort((a, b) => a.offset - b.offset);
  const isForeign = reader.isIntact && !isHeaderRight;
  const isRelied = isHeaderRight && !isEndLost;
  return {
    header: isHeaderRight ? header : undefined,
    bytes: reader.size(),
    entries: frames.entriesUpTo(torn === -1 ? Infinity : torn),
    end: isRelied ? end : undefined,
    beforeSeal: isRelied ? (frames.beforeSeal ?? end) : undefined,
    tail: isForeign ? undefined : end,
    gaps: lost,
    frames: Math.max(committed, durable),
    damages,
  };
}

/** What is known of a log that cannot be read at all. */
export const nothingOfLog: Omit<WalCheck, 'damages'> = {
  header: undefined,
  bytes: 0,
  entries: 0,
  end: undefined,
  beforeSeal: undefined,
  tail: undefined,
  gaps: [],
  frames: 0,
};

function checkHeader(
  { path, header, isIntact }: WalReader,
  expected: ExpectedWal | undefined,
  damages: Damage[],
): boolean {
  const isListed =
    expected === undefined ||
    (header.storeId === expected.storeId && header.generation === expected.generation);
  if (isIntact && isListed) return true;
  const what = isIntact
    ? 'it is another file than the one in the catalog'
    : 'the file header is not one that was written';
  damages.push({ file: path, offset: 0, what, lost: 'what is in the file, of any key' });
  return false;
}

function gapDamage(path: string, { before, next }: WalGap): Damage {
  const [first, last] = [before.ordinal + 1, next.ordinal - 1];
  const seqs = next.firstSeq > before.seq + 1 ? shownSeqs(before.seq + 1, next.firstSeq - 1) : '';
  return {
    file: path,
    offset: before.offset,
    what:
      first > last
        ? `frame ${next.ordinal} does not follow the one before it`
        : `${shownRange('frame', first, last)} cannot be read`,
    lost: seqs === '' ? nothingLost : `${seqs}, of any key`,
  };
}

/** Looks into each frame. */
class FramesCheck {
  readonly #path: string;
  readonly #damages: Damage[];
  readonly #records = new RecordReader();
  /** Operations by the number of gaps before them. */
  readonly #entries: number[] = [];
  #lastNow = -Infinity;
  beforeSeal: Tail | undefined;

  constructor(path: string, damages: Damage[]) {
    this.#path = path;
    this.#damages = damages;
  }

  entriesUpTo(gaps: number): number {
    return this.#entries.slice(0, gaps + 1).reduce((sum, count) => sum + count, 0);
  }

  check({ header, payload, bytes }: Frame, gaps: number): void {
    if (!endsRight(bytes, payload.length)) {
      const what = 'a frame does not end as it was written';
      this.#damages.push({ file: this.#path, offset: header.offset, what, lost: nothingLost });
    }
    if (header.lastNow < this.#lastNow) this.#tell(header.offset, 'its last now goes back');
    this.#lastNow = header.lastNow;
    if (header.type === FrameType.seal) {
      const { offset, previousCrc, ordinal, firstSeq, lastNow } = header;
      const before = { offset, crc: previousCrc, ordinal: ordinal - 1, seq: firstSeq - 1, lastNow };
      this.beforeSeal = { ...before, frameOffset: undefined, next: undefined };
      if (payload.length !== 16) this.#tell(header.offset, 'a seal has a wrong length');
      return;
    }
    const count = this.#countRecords(payload, header.offset);
    this.#entries[gaps] = (this.#entries[gaps] ?? 0) + count;
    if (count !== header.count) this.#tell(header.offset, 'a frame has another count of records');
  }

  #countRecords(payload: Buffer, offset: number): number {
    const records = this.#records;
    records.reset(payload);
    let count = 0;
    try {
      for (; records.next(); count++) {
        const { keyBytes, timestamp, expiresAt } = records;
        const isSound =
          keyBytes > 0 &&
          keyBytes <= keyBytesMax &&
          Number.isSafeInteger(timestamp) &&
          expiresAt > timestamp;
        if (!isSound) throw new RangeError('it is none that could have been written');
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#tell(offset, `a record cannot be read: ${error.message}`);
    }
    return count;
  }

  #tell(offset: number, what: string): void {
    this.#damages.push({
      file: this.#path,
      offset,
      what,
      lost: 'what is in the frame, of any key',
    });
  }
}

/** Zeros and a length, which nobody needs who comes from the front. */
function endsRight(frame: Buffer, payloadBytes: number): boolean {
  const lengthAt = frame.length - trailerBytes;
  const padding = frame.subarray(frameHeaderBytes + payloadBytes, lengthAt);
  return padding.every((byte) => byte === 0) && frame.readUInt32LE(lengthAt) === frame.length;
}

/** What the log says of what was published. */
interface Published {
  outlivedBoot: boolean;
  isKept: boolean;
  end: Tail;
  /** Frames that a writer knew to be on the disk, which are published before. */
  durable: number;
}

function checkRegister(
  { fileSystem, registerPath: file }: WalPlace,
  register: Register | undefined,
  { outlivedBoot, isKept, end, durable }: Published,
  damages: Damage[],
): void {
  const lost = 'nothing, but the log cannot be followed';
  if (register === undefined || register.committed < 0) {
    const what = register === undefined ? 'the file is missing' : 'the end register is empty';
    damages.push({ file, offset: 0, what, lost });
    return;
  }
  const wrong = register.bytes.findIndex(
    (byte, at) => byte > publishedWithoutSync || (at === 0 && byte !== publishedWithSync),
  );
  if (wrong !== -1) {
    damages.push({ file, offset: wrong, what: 'a byte has no meaning', lost: nothingLost });
  }
  // After a power cut it may be short: it is not synced.
  if (outlivedBoot) return;
  const needed = isKept && end.next !== undefined ? end.ordinal : durable;
  const committed = readRegister(fileSystem, file)?.committed ?? Infinity;
  if (committed >= needed) return;
  const what = `it tells ${committed} committed frames, and there are at least ${needed}`;
  damages.push({ file, offset: committed + 1, what, lost });
}
