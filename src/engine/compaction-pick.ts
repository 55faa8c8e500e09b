/**
 * Which segments to merge; pure. Time-tiered: only neighbours in commit order, of like size, a few
 * at a time, up to a size at which they stay as they are. Writes mostly come in time order, so
 * neighbours hold neighbouring times, and a read as of T stops after a few of them.
 */
import {
  compactionFanIn,
  garbageShareMax,
  segmentBytesMax,
  smallFanIn,
  walBytesMax,
} from '../base/limits.js';
import type { SegmentProperties } from '../base/segment-properties.js';

interface Sized {
  bytes: number;
}

/** Each tier's segments are about `compactionFanIn` times as large as those of the one below. */
function tierOf(bytes: number): number {
  const ratio = Math.max(1, bytes / walBytesMax);
  return Math.floor(Math.log(ratio) / Math.log(compactionFanIn) + 0.5);
}

/**
 * The next merge: the longest run of neighbours of which none is of a higher tier than `tier`, in
 * the lowest tier that has such a run.
 * @param segments in commit order
 * @returns the segments to merge, `compactionFanIn` of a tier at least, or `smallFanIn` of the
 *   lowest; undefined if none are due
 */
export function pickMerge<S extends Sized>(segments: readonly S[]): S[] | undefined {
  const tiers = segments.map((segment) => tierOf(segment.bytes));
  for (const tier of [...new Set(tiers)].sort((a, b) => a - b)) {
    for (let start = 0; start < segments.length; start++) {
      let bytes = 0;
      let end = start;
      for (; end < segments.length && (tiers[end] ?? Infinity) <= tier; end++) {
        bytes += segments[end]?.bytes ?? 0;
        if (bytes > segmentBytesMax) break;
      }
      const run = segments.slice(start, end);
      const ofThisTier = tiers.slice(start, end).filter((each) => each === tier).length;
      if (ofThisTier >= (tier === 0 ? smallFanIn : compactionFanIn)) return run;
    }
  }
  return undefined;
}

type Row = Pick<SegmentProperties, 'bytes' | 'entries' | 'keys' | 'maxTimestamp' | 'traits'>;

/**
 * Segments to be written anew since retention lets so much of them go: one that lies wholly before the
 * horizon, where one version of each key stays; or all, where versions are counted and so much has
 * come after the oldest of them.
 * @param segments in commit order
 * @returns undefined if none are
 */
export function pickGarbage<R extends Row>(
  segments: readonly R[],
  { horizon, countsVersions }: { horizon: number; countsVersions: boolean },
): readonly R[] | undefined {
  const old = segments.find(
    (row) => row.maxTimestamp <= horizon && garbageShare(row) >= garbageShareMax,
  );
  if (old !== undefined) return [old];
  const [first, ...later] = segments;
  if (!countsVersions || first === undefined || later.length === 0) return undefined;
  const laterBytes = sizeOf(later);
  if (first.bytes + laterBytes > segmentBytesMax) return undefined;
  return laterBytes >= garbageShareMax * first.bytes ? segments : undefined;
}

/** Where one version of each key is left. */
function garbageShare({ entries, keys, traits }: Row): number {
  const notes = (traits?.erasures ?? 0) + (traits?.marks ?? 0) + (traits?.heldVersions ?? 0);
  const versions = entries - notes;
  return versions <= keys ? 0 : 1 - keys / versions;
}

export function sizeOf(segments: readonly Sized[]): number {
  return segments.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** How many merges would follow one another if all of them were done now. */
export function countMerges(segments: readonly Sized[]): number {
  let rest: readonly Sized[] = segments;
  for (let count = 0; ; count++) {
    const picked = pickMerge(rest);
    const [first] = picked ?? [];
    if (picked === undefined || first === undefined) return count;
    const start = rest.indexOf(first);
    const merged = { bytes: sizeOf(picked) };
    rest = [...rest.slice(0, start), merged, ...rest.slice(start + picked.length)];
  }
}
