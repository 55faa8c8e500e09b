/** Reads of worker threads that have one store open, each for itself, beside one thread alone. */
import { interleaved } from '../../support/rounds.mjs';
import { measured, storeOf } from '../stores.mjs';

const subject = 'timekv';
const nameOf = (threads) => (threads === 1 ? '1 worker' : `${threads} workers`);

export const workers = {
  name: 'workers',
  async measure(bench) {
    const { isQuick, results } = bench;
    const shape = { keys: isQuick ? 10_000 : 100_000, versions: 10 };
    const directory = await storeOf(bench, subject, shape);
    const count = isQuick ? 50_000 : 300_000;
    const turn = (threads) => async (round) => {
      const options = { shape, directory, threads, count, seed: 1 + 100 * round };
      const { perSecond, cpu } = await measured('workerGets', options);
      const wanted = threads === 1 ? [] : { of: nameOf(1) };
      const add = (what, value) =>
        results.add('gets of worker threads', nameOf(threads), { what, value, wanted });
      add('gets/s', perSecond);
      // Where others work on the same cores this tells more: whether threads are in each other's way.
      add('CPU, µs', cpu);
    };
    await interleaved(isQuick ? 1 : 3, [1, 2, 4].map(turn));
  },
};
