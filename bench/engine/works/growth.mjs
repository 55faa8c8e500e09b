/** What a store costs as it grows, far beyond its memory; the curves go to docs/. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawCurves } from '../../support/curves.mjs';
import { measured } from '../stores.mjs';

const memoryMiB = 64;
const docs = join(import.meta.dirname, '../../../docs');

const bytes100 = { name: '100 random bytes', versions: 10, values: 'random' };
const numbers = { name: 'short numbers', versions: 1_000, values: 'numbers' };

/** Of each kind so many versions in all. */
const usual = [{ ...bytes100, sizes: [100_000, 1_000_000, 10_000_000] }];
const large = [
  { ...bytes100, sizes: [200_000, 2_000_000, 20_000_000] },
  { ...numbers, sizes: [1_000_000, 10_000_000, 100_000_000] },
];

const panels = [
  { what: 'wall, µs a version', title: 'Load', unit: 'µs a version' },
  { what: 'get p50, µs', title: 'Get, median', unit: 'µs' },
  { what: 'get p99, µs', title: 'Get, slowest of 100', unit: 'µs' },
  { what: 'peak of memory, MiB', title: 'Most memory held', unit: 'MiB' },
  { what: 'written ÷ given', title: 'Written', unit: 'bytes for each given' },
  { what: 'on the disk ÷ given', title: 'On the disk', unit: 'bytes for each given' },
];

function growthOf(name, kinds, picture) {
  return {
    name,
    async measure(bench) {
      const curves = new Map(panels.map(({ what }) => [what, []]));
      for (const kind of kinds) {
        const points = await grown(bench, kind);
        for (const { what } of panels) {
          const of = points.map((point) => [point.size, point[what]]);
          curves.get(what).push({ name: kind.name, points: of });
        }
      }
      if (bench.isQuick) return;
      const drawn = panels.map(({ what, title, unit }) => ({
        title,
        unit,
        curves: curves.get(what),
      }));
      writeFileSync(join(docs, picture), drawCurves(drawn));
    },
  };
}

/** All figures at each size. */
async function grown(bench, { name, versions, values, sizes }) {
  const points = [];
  for (const full of sizes) {
    const size = bench.isQuick ? full / 100 : full;
    const shape = { keys: size / versions, versions, values };
    const directory = bench.workplace.fresh('growing');
    const loaded = await measured('grow', { subject: 'timekv', shape, directory, memoryMiB });
    const asked = { shape, directory, memoryMiB, warmUp: 20_000, count: 50_000, seed: size };
    const read = await measured('readGrown', { subject: 'timekv', ...asked });
    const point = {
      'wall, µs a version': loaded.wall,
      'get p50, µs': read.p50,
      'get p99, µs': read.p99,
      'peak of memory, MiB': Math.max(loaded.peakMiB, read.peakMiB),
      'written ÷ given': loaded.written,
      'on the disk ÷ given': loaded.space,
    };
    const subject = size.toLocaleString('en-GB');
    // What still fits in memory is of another kind.
    const before = points.length > 1 ? points.at(-1).subject : undefined;
    for (const [what, value] of Object.entries(point)) {
      const isLoad = what === 'wall, µs a version' && before !== undefined;
      const wanted = isLoad ? { of: before, atMost: 1.3, aim: 1.15 } : [];
      bench.results.add(`growing, with 64 MiB: ${name}`, subject, { what, value, wanted });
    }
    points.push({ size, subject, ...point });
    bench.workplace.empty();
  }
  return points;
}

export const growth = growthOf('growth', usual, 'growth.svg');
export const growthLarge = growthOf('growth, large', large, 'growth-large.svg');
