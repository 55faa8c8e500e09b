/** The structure that is in memory alone, beside what JavaScript itself offers. */
import { interleaved } from '../../support/rounds.mjs';
import { measured } from '../stores.mjs';

export const timeMap = {
  name: 'TimeMap',
  async measure({ results, isQuick }) {
    for (const [versions, atMost] of [
      [1, 64],
      [10, 48],
    ]) {
      const keys = (isQuick ? 200_000 : 1_000_000) / versions;
      const work = `TimeMap: ${keys.toLocaleString('en-GB')} keys, ${versions} version${versions === 1 ? '' : 's'} each`;
      const turn = (subject) => async () => {
        const { bytes, set, get } = await measured('timeMap', { subject, keys, versions });
        const isOurs = subject === 'timekv';
        const add = (what, value, wanted) => results.add(work, subject, { what, value, wanted });
        add('bytes a version, beside its own', bytes, isOurs ? { atMost } : []);
        add('set, ns', set, isOurs ? { of: 'map' } : []);
        add('get, ns', get, isOurs ? { of: 'map' } : []);
      };
      await interleaved(3, [turn('timekv'), turn('map')]);
    }
  },
};
