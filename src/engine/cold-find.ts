import type { Found } from '../base/cursor.js';
import { isNote } from '../base/entry.js';
import type { Log } from './log.js';
import type { SegmentSet } from './segment-set.js';
import { better, findInSegments } from './view.js';

/**
 * The first read of a process, without building a map of the log. What hides versions a walk does not
 * tell of, nor what a frame holds that cannot be read.
 */
export function findCold(
  { generations }: Log,
  segments: SegmentSet,
  key: Buffer,
  timestamp: number,
): Found | 'undecided' | undefined {
  if (segments.erasesHistories || segments.hasMarks) return 'undecided';
  let best: Found | undefined;
  for (const generation of generations) {
    const found =
      generation.memtable === undefined
        ? generation.findByWalking(key, timestamp, generation.committed())
        : 'undecided';
    if (found === 'undecided') return found;
    best = better(found, best);
  }
  best = findInSegments(segments.handles, { key, timestamp }, best);
  return best !== undefined && isNote(best.kind) ? 'undecided' : best;
}
