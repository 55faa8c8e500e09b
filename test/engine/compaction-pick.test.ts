import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compactionFanIn,
  mergeInputsMax,
  MiB,
  segmentBytesMax,
  smallFanIn,
} from '../../src/base/limits.js';
import { countMerges, nextMerge, pickMerge } from '../../src/engine/compaction-pick.js';

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

  it('is what is due, or nothing, if none was', () => {
    expect(nextMerge(named(...small), [])?.segments).toHaveLength(smallFanIn);
    expect(nextMerge(named(4, 4), [])).toBeUndefined();
  });
});
