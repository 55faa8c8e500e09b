/** Reads of 5 million versions with 16 MiB of memory: from the system's memory, and from the disk. */
import { accessSync, constants, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { interleaved } from '../../support/rounds.mjs';
import { measured, present, storeOf } from '../stores.mjs';

const memoryMiB = 16;
const systemCaches = '/proc/sys/vm/drop_caches';
const everybody = ['timekv', 'sqlite flat', 'sqlite held', 'lmdb', 'level'];

const smallShape = { keys: 2_000, versions: 10 };
const shapeOf = ({ isQuick }) => ({ keys: isQuick ? 50_000 : 500_000, versions: 10 });
/** Loaded by key, since trees take minutes for rows as they come; and then all of them are in order. */
const loadedStore = (bench, subject) => storeOf(bench, subject, shapeOf(bench), { isSorted: true });

const warm = {
  name: 'get of 5M versions, 16 MiB',
  leaves: true,
  async measure(bench) {
    const turns = present(everybody, bench.results).map((subject) => async (round) => {
      const directory = await loadedStore(bench, subject);
      const [warmUp, count] = (bench.isQuick ? [20_000, 20_000] : [300_000, 100_000]).map(
        (gets) => gets / (subject === 'level' ? 10 : 1),
      );
      const seed = 1 + 10 * round;
      const shape = shapeOf(bench);
      const options = { subject, shape, directory, memoryMiB, warmUp, count, seed };
      const took = await measured('get', options);
      const wanted = {
        timekv: [
          { of: 'sqlite flat', atMost: 1 / 1.7, aim: 1 / 2 },
          { of: 'lmdb', atMost: 1 / 1.5, aim: 1 / 2 },
          { of: 'level', atMost: 1 / 8, aim: 1 / 15 },
          { of: 'sqlite held' },
        ],
      };
      const add = (what, value, wants) =>
        bench.results.add('get of 5M versions with 16 MiB, in the system’s memory', subject, {
          what,
          value,
          wanted: wants,
        });
      add('CPU, µs', took.cpu, wanted[subject]);
      add('wall, µs', took.wall);
    });
    await interleaved(bench.isQuick ? 1 : 3, turns);
  },
};

const cold = {
  name: 'cold get',
  leaves: true,
  async measure(bench) {
    if (!mayDropCaches(bench.results)) return;
    const work = 'get of 5M versions with 16 MiB, nothing in memory';
    const turn = (subject, isAbsent) => async (round) => {
      const directory = await loadedStore(bench, subject);
      const shape = shapeOf(bench);
      const small = await storeOf(bench, subject, smallShape, { isSorted: true });
      const warmUp = {
        shape: smallShape,
        directory: small,
        count: subject === 'level' ? 500 : 20_000,
      };
      dropCaches();
      // Other blocks each time, since whoever runs this machine may keep those of the last time.
      const seed = 100 + 7 * round + (Date.now() % 10_000);
      const asked = { shape, directory, count: 300, seed, isAbsent };
      const options = { subject, memoryMiB, warmUp, ...asked };
      const { p50, p90, reads } = await measured('coldGet', options);
      const name = isAbsent ? `${subject}, absent keys` : subject;
      const add = (what, value, wanted) => bench.results.add(work, name, { what, value, wanted });
      const isOurs = subject === 'timekv';
      add('p50, µs', p50, isOurs && !isAbsent ? { of: 'sqlite flat', atMost: 1 / 1.5 } : []);
      add('p90, µs', p90);
      add('reads of a file, a get', reads, isOurs ? { atMost: isAbsent ? 2 : 3 } : []);
    };
    const subjects = present(['timekv', 'sqlite flat', 'lmdb', 'level'], bench.results);
    await interleaved(bench.isQuick ? 1 : 3, [
      ...subjects.map((subject) => turn(subject, false)),
      turn('timekv', true),
    ]);
  },
};

/** Two processes that read the same store at once, beside one alone. */
const together = {
  name: 'reads of two processes',
  leaves: true,
  async measure(bench) {
    const subject = 'timekv';
    const shape = shapeOf(bench);
    const directory = await loadedStore(bench, subject);
    const count = bench.isQuick ? 50_000 : 300_000;
    const options = { subject, shape, directory, memoryMiB: 64, warmUp: 20_000, count };
    const work = 'reads of two processes at once';
    const perSecond = (answers) =>
      answers.map(({ wall }) => 1e6 / wall).reduce((sum, each) => sum + each, 0);
    const add = (who, value, wanted) =>
      bench.results.add(work, who, { what: 'gets/s', value, wanted });
    await interleaved(bench.isQuick ? 1 : 3, [
      async () => add('one', perSecond([await measured('get', options)])),
      async () => {
        const beginAt = Date.now() + 5_000;
        const both = [1, 100].map((seed) => measured('get', { ...options, seed, beginAt }));
        add('two', perSecond(await Promise.all(both)), { of: 'one', atLeast: 1.8, aim: 1.9 });
      },
    ]);
  },
};

function mayDropCaches(results) {
  try {
    accessSync(systemCaches, constants.W_OK);
    return true;
  } catch {
    results.note(`skipped cold gets: only root may write to ${systemCaches}`);
    return false;
  }
}

function dropCaches() {
  spawnSync('sync');
  writeFileSync(systemCaches, '3');
}

export const larger = [warm, cold, together];
