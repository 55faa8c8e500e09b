/**
 * Which segments to merge; pure. Time-tiered: only neighbours in commit order, of like size, a few
 * at a time, up to a size at which they stay as they are. Writes mostly come in time order, so
 * neighbours hold neighbouring times, and a read as of T stops after a few of them.
 */
import {
  compactionFanIn,
  garbageShareMax,
  mergeInputsMax,
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
      const last = Math.min(segments.length, start + mergeInputsMax);
      for (; end < last && (tiers[end] ?? Infinity) <= tier; end++) {
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

interface Named extends Sized {
  id: string;
}

/** What is to be merged next, and the id of the merge that was begun with that, if one was. */
export interface NextMerge<S> {
  segments: readonly S[];
  paused: string | undefined;
  /** It is done for what retention lets go. */
  isGarbage: boolean;
}

/**
 * The next merge, if some of them were begun and paused: the smaller one of these, or of what is due
 * beside them. What is merged already counts as if it were one segment, so that nothing is begun that
 * would throw away what was done.
 * @param begun each with neighbours among the segments
 * @param garbage of the segments, those to be written anew before anything else
 */
export function nextMerge<S extends Named>(
  segments: readonly S[],
  begun: readonly { id: string; inputs: readonly string[] }[],
  garbage?: readonly S[],
): NextMerge<S> | undefined {
  const groups = groupsOf(segments, begun);
  const started = groups
    .filter((group) => group.paused !== undefined)
    .sort((a, b) => a.bytes - b.bytes);
  if (garbage !== undefined) {
    const part = started.find((group) => group.segments.every((each) => garbage.includes(each)));
    return { ...(part ?? { segments: garbage, paused: undefined }), isGarbage: true };
  }
  const [smallest] = started;
  const picked = pickMerge(groups);
  if (picked === undefined) return smallest;
  const bytes = sizeOf(picked);
  if (smallest !== undefined && smallest.bytes <= bytes) return smallest;
  const all = picked.flatMap((group) => group.segments);
  return { segments: all, paused: undefined, isGarbage: false };
}

interface Group<S> extends Sized, NextMerge<S> {}

function groupsOf<S extends Named>(
  segments: readonly S[],
  begun: readonly { id: string; inputs: readonly string[] }[],
): Group<S>[] {
  const groups: Group<S>[] = [];
  for (let at = 0; at < segments.length;) {
    const first = segments[at]?.id;
    const merge = begun.find(({ inputs }) => inputs[0] === first);
    const end = at + (merge?.inputs.length ?? 1);
    const members = segments.slice(at, end);
    groups.push({
      segments: members,
      paused: merge?.id,
      isGarbage: false,
      bytes: sizeOf(members),
    });
    at = end;
  }
  return groups;
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
