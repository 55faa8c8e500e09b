/** The segments of a store as they are at one moment, kept open while they are gone through. */
import type { Manifest } from '../catalog/manifest.js';
import type { LiveFiles } from './live-files.js';
import type { SegmentHandle } from './segment-set.js';

export interface PinnedSegments {
  manifest: Manifest;
  /** Oldest first. */
  handles: readonly SegmentHandle[];
  /** The last operation that they hold, and the last *now* given by then. */
  seq: number;
  lastNow: number;
  /** When that operation was committed, microseconds since 1970; −Infinity: unknown. */
  lastCommitTime: number;
  /** Somebody may have merged them away meanwhile: then this closes them. */
  release(): void;
}

/** What is in the log is not in it. */
export function pinSegments(files: LiveFiles): PinnedSegments {
  return files.withFreshFiles(() => {
    files.reload();
    const handles = [...files.segments.handles].reverse();
    // A file that is open can be read after its name has gone.
    for (const handle of handles) handle.reader();
    for (const handle of handles) handle.retain();
    const [first] = files.log.generations;
    if (first === undefined) throw new RangeError('there is no log');
    const { baseSeq: seq, lastNow, lastCommitTime } = first.file.header;
    const release = (): void => {
      for (const handle of handles) handle.release();
    };
    return { manifest: files.manifest, handles, seq, lastNow, lastCommitTime, release };
  });
}
