/** Opening a store whose last process was killed with a full log. */
import { interleaved } from '../../support/rounds.mjs';
import { measured, storeOf } from '../stores.mjs';

/** Some less than the largest log: 4 MiB. */
const fullLog = { keys: 2_600, versions: 10 };
const single = { keys: 1, versions: 1 };

export const recovery = {
  name: 'recovery',
  async measure(bench) {
    const directory = bench.workplace.freshDirectory('killed');
    // It kills itself.
    await measured('fillAndDie', { shape: fullLog, directory }).catch(() => undefined);
    const empty = await storeOf(bench, 'timekv', single);
    const work = 'opening after kill -9, with a full log';
    const turn = (name, options) => async () => {
      const { first, second } = await measured('open', { subject: 'timekv', ...options });
      const add = (what, value) => bench.results.add(work, name, { what, value: value / 1000 });
      add('open and one get, ms', first);
      add('open and two gets, ms', second);
    };
    await interleaved(bench.isQuick ? 3 : 9, [
      turn('full log', { shape: fullLog, directory }),
      turn('empty log', { shape: single, directory: empty }),
    ]);
    const wanted = { 'open and one get, ms': { atMost: 50, aim: 20 }, 'open and two gets, ms': [] };
    for (const what of Object.keys(wanted)) {
      const beyond =
        bench.results.median(work, 'full log', what) -
        bench.results.median(work, 'empty log', what);
      bench.results.add(work, 'difference', {
        what,
        value: beyond,
        wanted: wanted[what],
      });
    }
  },
};
