/**
 * Which loss no reader could tell from a torn tail, judged from the bytes alone and by a rule of its
 * own (docs/format.md, "Torn tail or damage"): everything else must be answered rightly or refused.
 *
 * Of each log, from the first live one on, the answers may end after
 * - the frames that the end register says, where it was made shorter in the same boot, though the
 *   frames behind it are there: the writer might not have published them yet;
 * - the frames that are whole, where no register byte says that more were on the disk, and no whole
 *   frame behind them knew so: the system may have lost power, or the writer died.
 */
import { fileHeaderBytes, frameBytes, frameHeaderBytes } from '../../../src/wal/format.js';
import { bootId, type Files, type FlipStore } from './flip-store.js';

interface Frame {
  offset: number;
  /** Header and payload. */
  end: number;
  /** The whole frame. */
  total: number;
  /** How many frames it tells to be on the disk. */
  durable: number;
  isSeal: boolean;
}

interface LiveLog {
  wal: string;
  end: string;
  original: Buffer;
  frames: Frame[];
  /** Commits of the store before the first frame. */
  commitsBefore: number;
}

/** What the answers may be, beside the right ones: those of the first so many commits. */
export interface Allowed {
  /** Before anything is written. */
  reading: number | undefined;
  /** After something was written, or after a writable opening in another boot. */
  settled: number | undefined;
  /** A register was made shorter: a writer may find more behind it, damage too. */
  mayHideMore: boolean;
}

export class Oracle {
  readonly #logs: LiveLog[] = [];

  constructor({ files, manifest, commits }: FlipStore) {
    const first = manifest.wals.find(({ state }) => state === 'live')?.generation ?? 0;
    const wals = [...files.keys()].filter((path) => path.endsWith('.wal')).sort();
    const live = wals.filter((path) => Number(path.slice(4, 12)) >= first);
    const counted = live.map((path) => framesOf(files.get(path) ?? Buffer.alloc(0)));
    const data = counted.flat().filter(({ isSeal }) => !isSeal).length;
    let before = commits.length - data;
    for (const [index, wal] of live.entries()) {
      const frames = counted[index] ?? [];
      const original = files.get(wal) ?? Buffer.alloc(0);
      const end = wal.replace(/wal$/, 'end');
      this.#logs.push({ wal, end, original, frames, commitsBefore: before });
      before += frames.filter(({ isSeal }) => !isSeal).length;
    }
  }

  /** @param files as they are, damaged @param boot in which they are read */
  allowed(files: Files, boot: string, isReadOnly: boolean): Allowed {
    const settled = this.#prefix(files, (log, register) =>
      this.#afterSettling(log, register, files, boot),
    );
    const settles = boot !== bootId;
    const mayHideMore = this.#logs.some(
      ({ end, frames }) => (files.get(end)?.length ?? 0) <= frames.length,
    );
    if (settles) return { reading: settled, settled, mayHideMore };
    const reading = this.#prefix(files, (log, register) => {
      const published = register.length - 1;
      return published <= this.#whole(log, files) ? published : Infinity;
    });
    return { reading, settled: isReadOnly ? undefined : settled, mayHideMore };
  }

  /** The commits up to the first log that ends before its time. */
  #prefix(files: Files, visible: (log: LiveLog, register: Buffer) => number): number | undefined {
    for (const log of this.#logs) {
      const register = files.get(log.end);
      if (register === undefined || register.length === 0) return undefined;
      if (!this.#hasHeader(log, files)) return undefined;
      const seen = visible(log, register);
      if (seen < log.frames.length) return log.commitsBefore + Math.min(seen, log.frames.length);
    }
    return undefined;
  }

  #afterSettling(log: LiveLog, register: Buffer, files: Files, boot: string): number {
    const whole = this.#whole(log, files);
    const published = boot === bootId ? register.length - 1 : register.lastIndexOf(1);
    const proofs = log.frames
      .slice(whole)
      .filter((frame) => this.#isIntact(log, frame, files, frame.end))
      .map(({ durable }) => durable);
    return Math.max(published, ...proofs) <= whole ? whole : Infinity;
  }

  #hasHeader(log: LiveLog, files: Files): boolean {
    const now = files.get(log.wal) ?? Buffer.alloc(0);
    const header = log.original.subarray(0, fileHeaderBytes);
    return header.equals(now.subarray(0, fileHeaderBytes));
  }

  /** Frames from the first on that are as they were. */
  #whole(log: LiveLog, files: Files): number {
    const broken = log.frames.findIndex((frame) => !this.#isWhole(log, frame, files));
    return broken === -1 ? log.frames.length : broken;
  }

  /** The padding, and the length in the trailer, say nothing that is not known without them. */
  #isWhole(log: LiveLog, frame: Frame, files: Files): boolean {
    const now = files.get(log.wal) ?? Buffer.alloc(0);
    const crcAt = frame.total - 4;
    const crc = log.original.subarray(crcAt, frame.total);
    return (
      this.#isIntact(log, frame, files, frame.end) && crc.equals(now.subarray(crcAt, frame.total))
    );
  }

  #isIntact(log: LiveLog, frame: Frame, files: Files, end: number): boolean {
    const now = files.get(log.wal) ?? Buffer.alloc(0);
    if (now === log.original) return true;
    const isThere = now.length >= frame.total;
    const { offset } = frame;
    return isThere && log.original.subarray(offset, end).equals(now.subarray(offset, end));
  }
}

export function framesOf(wal: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let offset = fileHeaderBytes; offset < wal.length && wal.readUInt32LE(offset) !== 0;) {
    const payloadBytes = wal.readUInt32LE(offset + 8);
    const total = offset + frameBytes(payloadBytes);
    const isSeal = wal[offset + 20] === 2;
    const end = offset + frameHeaderBytes + payloadBytes;
    frames.push({ offset, end, total, durable: wal.readUInt32LE(offset + 36), isSeal });
    offset = total;
  }
  return frames;
}
