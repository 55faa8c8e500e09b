import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compactionFanIn,
  mergeInputsMax,
  MiB,
  segmentBytesMax,
  smallFanIn,
} from '../../src/base/limits.js';
import {
  countMerges,
  nextMerge,
  pickGarbage,
  pickMerge,
} from '../../src/engine/compaction-pick.js';

const sized = (...mebibytes: number[]) => mebibytes.map((size) => ({ bytes: size * MiB }));

/** As many as are merged, as a flush leaves them. */
const small = Array.from({ length: smallFanIn }, () => 4);

/** Sizes in MiB, oldest first, and where the merge begins and ends that is picked. */
const table: [sizes: number[], picked: [from: number, to: number] | undefined][] = [
  [[], undefined],
  [small.slice(1), undefined],
  [small, [0, smallFanIn]],
  [
    [1, 1, 2, 2, 3, 3, 4, 4],
    [0, 8],
  ],
  // Larger ones stay; the eight behind them go.
  [
    [16, ...small],
    [1, 9],
  ],
  [
    [64, 16, ...small],
    [2, 10],
  ],
  // The lowest tier first, whatever its place.
  [
    [16, 16, 16, 16, ...small],
    [4, 12],
  ],
  [
    [16, 16, 16, 16, 4, 4],
    [0, 6],
  ],
  // Only neighbours: a larger one between them parts them.
  [[4, 4, 64, ...small.slice(1)], undefined],
  [
    [4, 4, 64, ...small],
    [3, 11],
  ],
  // All that have gathered, not only eight of them.
  [
    [...small, 4, 4],
    [0, 10],
  ],
  // But no more than can be opened again and again.
  [Array.from({ length: mergeInputsMax + 9 }, () => 1), [0, mergeInputsMax]],
  // What would grow too large stays as it is, and so do four of the largest.
  [
    [256, 256, 256, 256],
    [0, 4],
  ],
  [[300, 300, 300, 300], undefined],
  [[1024, 1024, 1024, 1024], undefined],
];

describe('picking a merge', () => {
  it.each(table)('of %j takes %j', (sizes, picked) => {
    const segments = sized(...sizes);
    expect(pickMerge(segments)).toEqual(picked && segments.slice(...picked));
  });

  it('takes neighbours, enough of them, and never too much', () => {
    const sizes = fc.array(fc.oneof(fc.nat(8), fc.nat(300), fc.nat(1100)), { maxLength: 30 });
    fc.assert(
      fc.property(sizes, (list) => {
        const segments = sized(...list);
        const picked = pickMerge(segments);
        if (picked === undefined) return;
        const start = segments.indexOf(picked[0]!);
        expect(picked).toEqual(segments.slice(start, start + picked.length));
        expect(picked.length).toBeGreaterThanOrEqual(compactionFanIn);
        const bytes = picked.reduce((sum, each) => sum + each.bytes, 0);
        expect(bytes).toBeLessThanOrEqual(segmentBytesMax);
      }),
    );
  });

  it('comes to an end, with a few segments of each size', () => {
    const sizes = fc.array(fc.oneof(fc.nat(8), fc.nat(300)), { maxLength: 200 });
    fc.assert(
      fc.property(sizes, (list) => {
        let segments = sized(...list);
        let merges = 0;
        for (;;) {
          const picked = pickMerge(segments);
          if (picked === undefined) break;
          const start = segments.indexOf(picked[0]!);
          const bytes = picked.reduce((sum, each) => sum + each.bytes, 0);
          segments = segments.toSpliced(start, picked.length, { bytes });
          merges++;
        }
        expect(merges).toBeLessThanOrEqual(list.length / (compactionFanIn - 1));
        expect(countMerges(sized(...list))).toBe(merges);
        expect(countMerges(segments)).toBe(0);
      }),
    );
  });

  it('keeps few segments, and writes each byte a few times, as flush follows flush', () => {
    let segments: { bytes: number }[] = [];
    let written = 0;
    let most = 0;
    const flushes = 2560; // 10 GiB in logs of 4 MiB
    for (let flush = 0; flush < flushes; flush++) {
      segments.push({ bytes: 4 * MiB });
      for (let picked = pickMerge(segments); picked; picked = pickMerge(segments)) {
        const start = segments.indexOf(picked[0]!);
        const bytes = picked.reduce((sum, each) => sum + each.bytes, 0);
        written += bytes;
        segments = segments.toSpliced(start, picked.length, { bytes });
      }
      most = Math.max(most, segments.length);
    }
    expect(written / (flushes * 4 * MiB)).toBeLessThanOrEqual(3.5);
    expect(most).toBeLessThanOrEqual(32);
  });
});

describe('picking what retention lets go', () => {
  const row = (mebibytes: number, entries: number, keys: number, maxTimestamp = 0) => {
    return { bytes: mebibytes * MiB, entries, keys, maxTimestamp, traits: undefined };
  };
  const counts = { horizon: -Infinity, countsVersions: true };
  const before = { horizon: 10, countsVersions: false };

  it('takes a segment that lies before the horizon, once enough of it is garbage', () => {
    const segments = [row(4, 100, 71), row(4, 100, 70, 11), row(4, 100, 70, 10), row(4, 9, 1)];
    expect(pickGarbage(segments, before)).toEqual([segments[2]]);
    expect(pickGarbage(segments.slice(0, 2), before)).toBeUndefined();
  });

  it('does not count what only says something of versions', () => {
    const traits = { erasures: 10, historyErasures: 0, expiries: 0, heldValues: 0 };
    const notes = { ...traits, marks: 50, lastMark: 0, heldVersions: 10, expiredTo: undefined };
    expect(pickGarbage([{ ...row(4, 140, 70), traits: notes }], before)).toBeUndefined();
    expect(pickGarbage([{ ...row(4, 170, 70), traits: notes }], before)).toHaveLength(1);
  });

  it('takes all where versions are counted, once enough has come later', () => {
    expect(pickGarbage([row(10, 9, 9), row(1, 9, 9), row(1.9, 9, 9)], counts)).toBeUndefined();
    expect(pickGarbage([row(10, 9, 9), row(1, 9, 9), row(2, 9, 9)], counts)).toHaveLength(3);
    expect(pickGarbage([row(10, 9, 9)], counts)).toBeUndefined();
    expect(pickGarbage([], counts)).toBeUndefined();
    expect(pickGarbage([row(10, 9, 9), row(2, 9, 9), row(2, 9, 9)], before)).toBeUndefined();
    const large = segmentBytesMax / MiB;
    expect(pickGarbage([row(large, 9, 9), row(large, 9, 9)], counts)).toBeUndefined();
  });
});

describe('the next merge, if some were begun', () => {
  const named = (...mebibytes: number[]) =>
    sized(...mebibytes).map(({ bytes }, at) => ({ id: `s${at}`, bytes }));
  const begun = (id: string, from: number, to: number) => ({
    id,
    inputs: Array.from({ length: to - from }, (_, at) => `s${from + at}`),
  });

  it.each([
    [
      'is the one that was begun, without what has come since',
      [...small, 4, 4],
      [0, 8],
      [0, 8, 'm'],
    ],
    ['is another one that is smaller', [16, 16, 16, 16, ...small], [0, 4], [4, 12, undefined]],
    [
      'is the one that was begun if that is smaller',
      [...small, 16, 16, 16, 16],
      [0, 8],
      [0, 8, 'm'],
    ],
    [
      'is nothing else than was begun, where that would be thrown away',
      [...small, 16, 16, 16],
      [0, 8],
      [0, 8, 'm'],
    ],
  ] as const)('%s', (_, sizes, [from, to], [start, end, paused]) => {
    const segments = named(...sizes);
    const next = nextMerge(segments, [begun('m', from, to)]);
    expect(next?.segments).toEqual(segments.slice(start, end));
    expect(next?.paused).toBe(paused);
  });

  it('is what retention lets go before all else, and first what was begun of it', () => {
    const segments = named(...small, 16, 16, 16, 16);
    expect(nextMerge(segments, [begun('m', 8, 12)], segments.slice(0, 2))).toEqual({
      segments: segments.slice(0, 2),
      paused: undefined,
      isGarbage: true,
    });
    const next = nextMerge(segments, [begun('m', 8, 12)], segments);
    expect(next).toMatchObject({ segments: segments.slice(8), paused: 'm', isGarbage: true });
  });

  it('is what is due, or nothing, if none was', () => {
    expect(nextMerge(named(...small), [])?.segments).toHaveLength(smallFanIn);
    expect(nextMerge(named(4, 4), [])).toBeUndefined();
  });
});
