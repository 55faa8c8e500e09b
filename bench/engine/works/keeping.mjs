/** What history costs that is let go, or kept on purpose. */
import { measured } from '../stores.mjs';

const keys = 100_000;
const keepVersions = 3;
const MiB = 1024 * 1024;

/** @param rounds each writes every key once: 10 MB of values */
function churnOf(name, rounds) {
  return {
    name,
    async measure({ workplace, results, isQuick }) {
      const directory = workplace.fresh('churned');
      const took = await measured('churn', {
        directory,
        keys: isQuick ? keys / 10 : keys,
        rounds: isQuick ? 30 : rounds,
        keepVersions,
      });
      const work = `${rounds * 10} MB written under keepVersions ${keepVersions}`;
      const add = (what, value, wanted) => results.add(work, 'timekv', { what, value, wanted });
      add('thousands of versions a second', (keys * rounds) / took.seconds / 1000);
      add('live data, MiB', took.live / MiB);
      add('directory at most, MiB', took.most / MiB);
      const bound = 1.5 * took.live + 64 * MiB + took.keptLog;
      add('directory ÷ (1.5 × live + 64 MiB + kept log)', took.most / bound, { atMost: 1 });
      add('get p50 at the end ÷ at the start', took.last.p50 / took.first.p50, { atMost: 1.5 });
      add('get p99 at the end ÷ at the start', took.last.p99 / took.first.p99, { atMost: 1.5 });
      add('get p50 at the end, µs', took.last.p50);
      add('get p99 at the end, µs', took.last.p99);
      if (took.entries > keys * (keepVersions + 1))
        throw new Error(`${took.entries} entries are left`);
    },
  };
}

export const churn = churnOf('kept versions', 100);
/** 10 GB. */
export const churnLarge = churnOf('kept versions, large', 1_000);

export const pinned = {
  name: 'snapshot and backup',
  async measure({ workplace, results, isQuick }) {
    const shape = { keys: isQuick ? keys / 10 : keys, rounds: isQuick ? 10 : 90, share: 0.01 };
    const took = await measured('pinned', {
      directory: workplace.fresh('pinned'),
      backup: workplace.fresh('backup'),
      ...shape,
    });
    const work = `snapshot and backup of a store of ${(took.bytes / MiB).toFixed(0)} MiB`;
    const add = (what, value, wanted) => results.add(work, 'timekv', { what, value, wanted });
    add('snapshot, ms', took.snapshot, { atMost: 50 });
    add('backup, ms', took.backedUp);
    add('what it takes beside the store, share of it', took.first / took.bytes, { atMost: 0.001 });
    add('a backup of 1 % of change, ms', took.again);
    add('what it takes or links, share of the store', took.moved / took.bytes, { atMost: 0.02 });
  },
};
