/**
 * Where damage must be told: at the beginning of the frame, block, header or footer that holds the
 * damaged byte (docs/format.md, docs/format-segment.md), worked out from the bytes as they were.
 */
import { Directory } from '../../../src/segment/directory.js';
import { footerBytes, headerBytes } from '../../../src/segment/format.js';
import { fileHeaderBytes } from '../../../src/wal/format.js';
import { framesOf } from './flip-oracle.js';
import type { Files } from './flip-store.js';

/** One byte that was changed, or the place from which on all is missing. */
export interface Spot {
  path: string;
  at: number;
  isCut: boolean;
}

const segmentMagicBytes = 8;
/** Of SQLite's header: which version may write the file. */
const writeVersionAt = 18;
/** Of a log's header: what must go on from the log before it. */
const goesOnAt = 48;

const isOfSalt = (at: number) => at >= 20 && at < 24;

export class Places {
  readonly #starts: ReadonlyMap<string, readonly number[]>;

  constructor(files: Files) {
    this.#starts = new Map([...files].map(([path, bytes]) => [path, startsOf(path, bytes)]));
  }

  /** True if this offset in the file that is told leads to the damage, and to no other place. */
  leadsTo({ path, at, isCut }: Spot, told: string, offset: number): boolean {
    // What is said of a file that is not damaged itself.
    if (told !== path) return offset === this.#besides(path, at, told);
    // The catalog tells how long a segment is.
    if (isCut && path.endsWith('.seg')) return offset === at;
    const isSqlite = !path.includes('/');
    if (isSqlite && at === writeVersionAt && offset === at) return true;
    // No frame can be checked without its log's header, or the salt in it.
    const hidesFrames = path.endsWith('.wal') && at < fileHeaderBytes && (isCut || isOfSalt(at));
    return offset === this.#begin(path, at) || (hidesFrames && offset === fileHeaderBytes);
  }

  /** Where the part begins in which the byte lies. */
  #begin(path: string, at: number): number {
    return this.#starts.get(path)?.findLast((start) => start <= at) ?? 0;
  }

  /** A register that is too short tells of the frame that it lacks; a log, of the next one's start. */
  #besides(path: string, at: number, told: string): number | undefined {
    const isRegisterOfIt = path.endsWith('.end') && path.slice(0, -3) === told.slice(0, -3);
    return isRegisterOfIt ? this.#starts.get(told)?.[at] : goesOnAt;
  }
}

/** Where parts begin, in order. */
function startsOf(path: string, bytes: Buffer): number[] {
  if (path.endsWith('.end')) return [...bytes.keys()];
  if (path.endsWith('.seg')) return segmentStarts(bytes);
  if (!path.endsWith('.wal')) return [0];
  const frames = framesOf(bytes);
  return [0, ...frames.map(({ offset }) => offset), frames.at(-1)?.total ?? fileHeaderBytes];
}

/** Parts lie without gaps, so that what no directory lists, an extent, begins where one ends. */
function segmentStarts(bytes: Buffer): number[] {
  const footer = bytes.length - footerBytes;
  const [filters = 0, top = 0, properties = 0] = [0, 8, 16].map((at) =>
    Number(bytes.readBigUInt64LE(footer + at)),
  );
  const partsIn = (from: number, to: number) => {
    const directory = new Directory();
    directory.open(bytes.subarray(from, to), '', from);
    return Array.from({ length: directory.count }, (_, record) => {
      directory.read(record);
      return [directory.offset, directory.offset + directory.length] as const;
    });
  };
  const indexes = partsIn(top, properties);
  const parts = [...partsIn(filters, top), ...indexes, ...indexes.flatMap((at) => partsIn(...at))];
  const own = [0, headerBytes, filters, top, properties, footer, bytes.length - segmentMagicBytes];
  return [...new Set([...own, ...parts.flat()])].sort((a, b) => a - b);
}
