/** Writes that are durable one by one: of one writer, of many in a process, of many processes. */
import { measured, present } from '../stores.mjs';
import { interleaved } from '../../support/rounds.mjs';

/** How long processes are given to open their stores before all of them begin. */
const startingMs = 3_000;
/** And how long they write before anything is counted. */
const warmUpMs = 2_000;

/** The same for several processes on one store; what each of them answered. */
async function writing(bench, subject, { processes = 1, writers }) {
  const directory = bench.workplace.freshDirectory('durable');
  const milliseconds = bench.isQuick ? 700 : 2_000;
  const options = { subject, directory, writers, milliseconds, warmUpMs };
  if (processes === 1) return [await measured('durable', options)];
  // Somebody makes the store, so that nobody has to wait for that.
  await measured('durable', { ...options, writers: 1, milliseconds: 0, warmUpMs: 0 });
  const beginAt = Date.now() + startingMs;
  return Promise.all(
    Array.from({ length: processes }, () => measured('durable', { ...options, beginAt })),
  );
}

/** Who was starved all the time has no figure. */
const perWrite = (answers) =>
  1 / answers.reduce((sum, { wall }) => sum + (wall === null ? 0 : 1 / wall), 0);

function percentileMs(answers, share) {
  const all = answers.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b);
  return all[Math.min(all.length - 1, Math.floor(all.length * share))];
}

async function compared(bench, work, { subjects, kind, wanted }) {
  const turns = present(subjects, bench.results).map((subject) => async () => {
    const answers = await writing(bench, subject, kind);
    const add = (what, value, wants) =>
      bench.results.add(work, subject, { what, value, wanted: wants });
    add('wall, µs a write', perWrite(answers), wanted[subject] ?? []);
    add('p50, ms', percentileMs(answers, 0.5));
    add('p99, ms', percentileMs(answers, 0.99));
  });
  await interleaved(bench.isQuick ? 1 : 3, turns);
}

const oneWriter = {
  name: 'durable set, one writer',
  measure: (bench) =>
    compared(bench, 'durable set, one writer', {
      subjects: ['timekv', 'floor', 'floor zeros', 'sqlite flat', 'lmdb', 'level'],
      kind: { writers: 1 },
      wanted: {
        timekv: [
          { of: 'floor', atMost: 1.15, aim: 1 },
          { of: 'sqlite flat', atMost: 1.15, aim: 1 },
          { of: 'lmdb', atMost: 1 / 2 },
        ],
      },
    }),
};

const manyWriters = {
  name: 'durable set, 64 writers',
  measure: (bench) =>
    compared(bench, 'durable set, 64 writers in one process', {
      subjects: ['timekv', 'sqlite flat', 'sqlite grouped', 'lmdb', 'level'],
      kind: { writers: 64 },
      wanted: {
        timekv: [
          { of: 'sqlite flat', atMost: 1 / 15, aim: 1 / 20 },
          { of: 'sqlite grouped', atMost: 1 / 1.1, aim: 1 / 1.5 },
          { of: 'lmdb', atMost: 1 / 1.5, aim: 1 / 2 },
          { of: 'level', atMost: 1 / 8, aim: 1 / 12 },
        ],
      },
    }),
};

const manyProcesses = {
  name: 'durable set, 4 processes',
  measure: (bench) =>
    compared(bench, 'durable set, 4 processes of 16 writers', {
      // LevelDB is for one process alone.
      subjects: ['timekv', 'sqlite flat', 'sqlite grouped', 'lmdb'],
      kind: { processes: 4, writers: 16 },
      wanted: { timekv: [{ of: 'sqlite flat', atMost: 1 / 10, aim: 1 / 14 }] },
    }),
};

const fairness = {
  name: 'durable set, 16 processes',
  async measure(bench) {
    const work = 'durable set, 16 processes of one writer';
    const turns = ['timekv', 'sqlite flat'].map((subject) => async () => {
      const answers = await writing(bench, subject, { processes: 16, writers: 1 });
      const counts = answers.map(({ operations }) => operations);
      const isOurs = subject === 'timekv';
      const add = (what, value, wants) =>
        bench.results.add(work, subject, { what, value, wanted: isOurs ? wants : [] });
      add('slowest ÷ fastest', Math.min(...counts) / Math.max(...counts), {
        atLeast: 0.3,
        aim: 0.7,
      });
      add('p99, ms', percentileMs(answers, 0.99), { atMost: 200, aim: 20 });
      add('longest, ms', Math.max(...answers.map(({ maxMs }) => maxMs)));
      add('wall, µs a write', perWrite(answers));
    });
    await interleaved(bench.isQuick ? 1 : 3, turns);
  },
};

export const durable = [oneWriter, manyWriters, manyProcesses, fairness];
