/** What writers feel of a compaction of the same store. */
import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { interleaved } from '../../support/rounds.mjs';
import { measured, storeOf } from '../stores.mjs';
import { quickShapes, shapes } from './load.mjs';

export const background = {
  name: 'commits beside compaction',
  leaves: true,
  async measure(bench) {
    const [{ name: _, ...shape }] = bench.isQuick ? quickShapes : shapes;
    const loaded = await storeOf(bench, 'timekv', shape);
    const work = 'durable set while the store is compacted';
    const add = (subject, { p50, p99, p999 }, wanted) => {
      bench.results.add(work, subject, { what: 'p50, ms', value: p50 });
      bench.results.add(work, subject, { what: 'p99, ms', value: p99 });
      bench.results.add(work, subject, { what: 'p99.9, ms', value: p999, wanted });
    };
    const compacting = (directory) => measured('compacting', { directory });
    await interleaved(bench.isQuick ? 1 : 3, [
      async () => {
        const took = await compacting(copyOf(bench, loaded));
        add('timekv', took, { of: 'floor', atMost: 3, aim: 2 });
        const slice = { what: 'longest slice, ms', value: took.slice };
        bench.results.add(work, 'timekv', { ...slice, wanted: { atMost: 20, aim: 10 } });
      },
      async () => {
        const other = compacting(copyOf(bench, loaded));
        const directory = bench.workplace.freshDirectory('floor');
        const milliseconds = bench.isQuick ? 1_500 : 4_000;
        add('floor', await measured('beside', { directory, milliseconds }));
        await other;
      },
    ]);
  },
};

function copyOf({ workplace }, directory) {
  const copy = workplace.fresh('compacted');
  cpSync(directory, copy, { recursive: true });
  // Else the system would still be writing the copy while others are measured.
  execFileSync('sync');
  return copy;
}
