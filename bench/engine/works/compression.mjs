/** What deflated blocks save, and what reading them costs: of what gets smaller, and of what does not. */
import { interleaved } from '../../support/rounds.mjs';
import { measured } from '../stores.mjs';

const kinds = [
  { name: 'records in JSON', values: 'records', versions: 10 },
  { name: 'short numbers', values: 'numbers', versions: 1_000 },
  { name: '100 random bytes', values: 'random', versions: 10 },
];

export const compression = {
  name: 'compression',
  leaves: true,
  async measure(bench) {
    const rows = bench.isQuick ? 100_000 : 1_000_000;
    for (const { name, values, versions } of kinds) {
      const shape = { keys: rows / versions, versions, values };
      const directory = bench.workplace.freshDirectory('deflated');
      await measured('load', { subject: 'timekv', shape, directory });
      const turn = (compress) => async (round) => {
        const add = (what, value, wanted) =>
          bench.results.add(`compression of ${name}`, compress, { what, value, wanted });
        const compacted = await measured('compacted', { shape, directory, compress });
        add('bytes a version', compacted.bytes, { of: 'off' });
        add('compact --full, µs a version', compacted.wall, { of: 'off' });
        const asked = { subject: 'timekv', shape, directory, seed: 1 + round };
        const few = { ...asked, memoryMiB: 8, warmUp: 20_000, count: rows / 20 };
        add('get of what is not in memory, µs', (await measured('get', few)).cpu, { of: 'off' });
        const many = { ...asked, memoryMiB: 256, warmUp: rows / 5, count: rows / 10 };
        add('get from memory, µs', (await measured('get', many)).cpu, { of: 'off' });
        const scanned = await measured('scan', { ...asked, memoryMiB: 8, count: 4 });
        add('scan, µs a key', scanned.cpu, { of: 'off' });
      };
      await interleaved(1, [turn('off'), turn('auto')]);
    }
  },
};
