/** What a version takes: on the disk, for the short numbers that sensors send, and in memory. */
import { interleaved } from '../../support/rounds.mjs';
import { loadStore, measured, present } from '../stores.mjs';

const onDisk = {
  name: 'size of short numbers',
  async measure(bench) {
    const shape = { keys: 1_000, rows: bench.isQuick ? 100_000 : 1_000_000 };
    const subjects = present(
      ['timekv', 'sqlite flat', 'sqlite ids', 'lmdb', 'level'],
      bench.results,
    );
    for (const subject of subjects) {
      const { bytes } = await loadStore(bench, subject, { shape });
      const wanted = [
        { of: 'sqlite flat', atMost: 0.36 },
        { of: 'level', atMost: 0.75 },
      ];
      bench.results.add('short numbers of 1,000 keys, as they come', subject, {
        what: 'bytes a version',
        value: bytes,
        wanted: subject === 'timekv' ? wanted : [],
      });
    }
  },
};

const inMemory = {
  name: 'memory of a memtable',
  async measure(bench) {
    const shape = { keys: bench.isQuick ? 10_000 : 100_000, versions: 10 };
    await interleaved(
      bench.isQuick ? 1 : 3,
      ['timekv', 'map'].map((subject) => async () => {
        const { rss, counted } = await measured('memory', { subject, shape });
        const add = (what, value, wanted) =>
          bench.results.add('memory beyond the value, 10 versions a key', subject, {
            what,
            value,
            wanted: subject === 'timekv' ? wanted : [],
          });
        add('bytes a version, of the process', rss);
        if (subject === 'timekv') {
          add('bytes a version, as counted', counted, { atMost: 64, aim: 56 });
        }
      }),
    );
  },
};

export const size = [onDisk, inMemory];
