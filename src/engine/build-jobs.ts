/**
 * What a new segment is made of, told in such a way that another thread can make it: there it opens
 * the files by itself. Making one is most of the work of a flush or a merge; all that decides (locks,
 * catalog, what is due) stays with the thread that has the store.
 */
import type { SegmentProperties } from '../base/segment-properties.js';
import type { WalName } from '../disk/names.js';
import type { SeqRange } from '../segment/segment-writer.js';
import type { Rules } from './survivors.js';

/** A sealed log, up to a frame that the chain of checksums must lead to. */
export interface LogPart {
  name: WalName;
  ordinal: number;
  crc: number;
}

export type BuildJob = {
  /** Of the segment to be made. */
  segmentId: string;
} & Sources;

export interface MergeSources {
  kind: 'merge';
  /** Neighbours in commit order, oldest first. */
  inputs: SegmentProperties[];
  /** Data blocks are deflated where that pays. */
  isDeflated: boolean;
  rules: Rules;
  /** The id of one that was paused, and is to be gone on with if it can be: by its own rules. */
  paused: string | undefined;
}

export interface FlushOf {
  seqs: SeqRange;
  /** The last seqs of named snapshots. */
  snapshots: readonly number[];
}

export type Sources = ({ kind: 'flush'; logs: LogPart[] } & FlushOf) | MergeSources;

/** What came of it: `given up` between two slices, `empty` if there was nothing to write. */
export type Written = SegmentProperties | 'given up' | 'empty';

export interface Built {
  written: Written;
  /** What was taken for it of the memory tier, and is kept for the next time. */
  memoryBytes: number;
}

/** Runs between two slices, after so many entries; answers true if the build is to be given up. */
export type BetweenSlices = (entries: number) => Promise<boolean> | boolean;

/** Makes segments elsewhere. */
export interface Builder {
  /** From now on, and until there has been nothing to do for a while, jobs are done there. */
  start(): void;
  /**
   * One flush may go on beside one merge, which waits for it.
   * @returns undefined if it cannot be done there, for whatever reason: who does it himself will see
   *   why. A thread that died may have left the file
   */
  build(job: BuildJob, betweenSlices?: BetweenSlices): Promise<Built | undefined>;
  close(): void;
}

/** @param storeIds of the store itself, then of those that may have written its segments too */
export type MakeBuilder = (directory: string, storeIds: readonly string[]) => Builder;
