/** Reads of loaded and tidied stores, with memory for all of it. */
import { interleaved } from '../../support/rounds.mjs';
import { measured, present, storeOf } from '../stores.mjs';
import { memoryMiB, quickShapes, shapes } from './load.mjs';

const everybody = ['timekv', 'sqlite flat', 'sqlite ids', 'lmdb', 'level', 'map'];

/** Everybody takes a turn in each round; of our own figure something is wanted. */
async function readings(
  bench,
  work,
  { measure, subjects, shape, options, what, wanted, tellsFirst },
) {
  // Shown beside it, with no limit: what it takes where blocks have to be read as well.
  const first = (subject) =>
    subject === 'timekv' ? wanted(subject).map(({ of }) => ({ of })) : [];
  const turns = present(subjects, bench.results).map((subject) => async (round) => {
    const directory = await storeOf(bench, subject, shape);
    const given = { memoryMiB, seed: 1 + 10 * round, ...options(subject) };
    const took = await measured(measure, { subject, shape, directory, ...given });
    const add = (unit, value, wants) =>
      bench.results.add(work, subject, { what: unit, value, wanted: wants });
    // Nobody waits for a disk here: the CPU says the same as the clock, and nobody else's work.
    add(`CPU, ${what}`, took.cpu, wanted(subject));
    add(`wall, ${what}`, took.wall);
    if (tellsFirst) add(`CPU, ${what}, asked for the first time`, took.first.cpu, first(subject));
  });
  await interleaved(bench.isQuick ? 1 : 3, turns);
}

export const get = {
  name: 'get',
  leaves: true,
  async measure(bench) {
    const { isQuick } = bench;
    for (const { name, ...shape } of isQuick ? quickShapes : shapes) {
      await readings(bench, `get as of a time, in memory: ${name}`, {
        measure: 'get',
        shape,
        subjects: ['timekv', 'timekv refresh', 'sqlite flat', 'sqlite held', ...everybody.slice(2)],
        options: (subject) => {
          const [warmUp, count] = isQuick ? [50_000, 50_000] : [300_000, 200_000];
          const share = subject === 'level' ? 1 / 20 : 1;
          return { warmUp: warmUp * share, count: count * share };
        },
        what: 'µs',
        wanted: (subject) =>
          ({
            timekv: [
              { of: 'sqlite flat', atMost: 1 / 3, aim: 1 / 5 },
              { of: 'sqlite held', atMost: 1 / 1.4, aim: 1 / 2 },
              { of: 'lmdb', atMost: 1 / 2, aim: 1 / 3 },
              { of: 'level', atMost: 1 / 25, aim: 1 / 50 },
              { of: 'map' },
            ],
            'timekv refresh': [{ of: 'sqlite flat', atMost: 1 / 2, aim: 1 / 2.5 }],
          })[subject],
      });
    }
  },
};

export const history = {
  name: 'history',
  leaves: true,
  async measure(bench) {
    const { isQuick } = bench;
    const [, { name, ...shape }] = isQuick ? quickShapes : shapes;
    await readings(bench, `history of a key: ${name}`, {
      measure: 'history',
      shape,
      subjects: everybody,
      options: (subject) => {
        if (isQuick) return { warmUp: 0, count: 100 };
        // So long V8 goes on with compiling what runs once for each history.
        return subject === 'level' ? { warmUp: 250, count: 100 } : { warmUp: 5_000, count: 1_000 };
      },
      what: 'µs a version',
      tellsFirst: true,
      wanted: (subject) =>
        subject === 'timekv'
          ? [
              { of: 'sqlite flat', atMost: 1 / 4, aim: 1 / 6 },
              { of: 'lmdb', atMost: 1 / 6, aim: 1 / 10 },
              { of: 'level', atMost: 1 / 8, aim: 1 / 15 },
            ]
          : [],
    });
  },
};

export const scan = {
  name: 'scan',
  leaves: true,
  async measure(bench) {
    const { isQuick } = bench;
    for (const { name, ...shape } of isQuick ? quickShapes : shapes) {
      const isWide = shape.versions > 10;
      await readings(bench, `scan of all keys as of a time: ${name}`, {
        measure: 'scan',
        shape,
        subjects: everybody,
        options: (subject) => ({ count: subject === 'level' ? 2 : isWide ? 300 : 8 }),
        what: 'µs a key',
        // With few versions a key the first scan reads all blocks there are.
        tellsFirst: isWide,
        wanted: (subject) => {
          if (subject !== 'timekv') return [];
          if (!isWide) return [{ of: 'sqlite flat', atMost: 1 / 2.5, aim: 1 / 5 }];
          return [
            { of: 'sqlite flat', atMost: 1, aim: 1 / 1.5 },
            { of: 'lmdb', atMost: 1 / 2, aim: 1 / 4 },
          ];
        },
      });
    }
  },
};
