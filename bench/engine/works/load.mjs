/** Bulk load of a million versions, through the log, durable at the end; and what lies on the disk. */
import { interleaved } from '../../support/rounds.mjs';
import { loadStore, present } from '../stores.mjs';

export const shapes = [
  { name: '100,000 keys × 10', keys: 100_000, versions: 10 },
  { name: '1,000 keys × 1,000', keys: 1_000, versions: 1_000 },
];
/** A tenth of each. */
export const quickShapes = [
  { name: '10,000 keys × 10', keys: 10_000, versions: 10 },
  { name: '1,000 keys × 100', keys: 1_000, versions: 100 },
];

/** Of everybody: enough for all of it. The reads of these stores have as much. */
export const memoryMiB = 256;

const sqlite = ['sqlite flat', 'sqlite ids'];
const peers = [...sqlite, 'lmdb', 'level'];
const wanted = [
  { of: 'sqlite flat', atMost: 1 / 2, aim: 1 / 3 },
  { of: peers, atMost: 1 / 1.2, aim: 1 / 2 },
];

export const load = {
  name: 'load',
  leaves: true,
  async measure(bench) {
    const { results, isQuick } = bench;
    const subjects = present(['timekv', 'sqlite flat', 'lmdb', 'level'], results);
    // Whose figures are only looked at beside the others'; and to the peers, whose keys come scattered
    // anyway, a window changes nothing.
    const once = ['sqlite ids', 'map'];
    const isOnce = (subject, { window }) =>
      once.includes(subject) || (window > 0 && subject !== 'timekv');
    const inOrder = isQuick ? quickShapes : shapes;
    const scattered = { ...inOrder[0], window: 1_000 };
    scattered.name += ', out of order within 1,000';
    for (const { name, ...shape } of [...inOrder, scattered]) {
      await interleaved(
        isQuick ? 1 : 3,
        [...subjects, ...once].map((subject) => async (round) => {
          if (round > 0 && isOnce(subject, shape)) return;
          const { loading, settling, bytes } = await loadStore(bench, subject, {
            shape,
            memoryMiB,
          });
          const isOurs = subject === 'timekv';
          const add = (what, value, wants) =>
            results.add(`load: ${name}`, subject, { what, value, wanted: isOurs ? wants : [] });
          add('wall, µs a version', loading.wall, wanted);
          add('CPU, µs a version', loading.cpu);
          add('then tidied, wall, µs', settling.wall);
          if (subject === 'map') return;
          const size = { of: 'sqlite flat', atMost: 0.87 };
          add('bytes a version', bytes, [size, { of: 'level', atMost: 0.97 }]);
        }),
      );
    }
  },
};
