/** Lines a second through `timekv batch`, and the time from a question to its answer. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { runProcess } from '../support/process.mjs';
import { medianOf } from '../support/results.mjs';
import { interleaved } from '../support/rounds.mjs';
import { timekv } from '../support/timekv.mjs';
import { numbered, Prices, writeLines } from './rows.mjs';

const work = 'batch: lines from a file, on 1,000,000 versions; the whole process';
const coProcess = 'batch as a co-process: one line, one answer';

export const batch = {
  name: 'batch',
  async measure({ workplace, results, isQuick }) {
    const prices = new Prices(1_000_000, 100_000);
    const file = writeLines(workplace.fresh('rows.csv'), prices.csvLines());
    const env = { TIMEKV_DIR: workplace.fresh('store') };
    await runProcess(timekv('import', file), { env });

    const addLines = (verb, lines, { wallMs, cpuMs, atLeast }) => {
      const value = lines / (wallMs / 1000);
      results.add(work, verb, { what: 'lines/s', value, wanted: { atLeast } });
      results.add(work, verb, { what: 'CPU, µs a line', value: (cpuMs * 1000) / lines });
    };
    const gets = isQuick ? 100_000 : 1_000_000;
    const getLines = numbered(gets, (number) => `get ${prices.anyKey(number)}`);
    const asked = writeLines(workplace.fresh('gets'), getLines);
    const stdout = workplace.fresh('answers');
    const expected = [...numbered(gets, (number) => prices.latestOf(number)), ''].join('\n');
    const measureGets = async () => {
      const { wallMs, cpuMs } = await runProcess(timekv('batch', asked), { env, stdout });
      if (readFileSync(stdout, 'utf8') !== expected) throw new Error('batch answered otherwise');
      addLines('get', gets, { wallMs, cpuMs, atLeast: 100_000 });
    };

    const sets = isQuick ? 20_000 : 200_000;
    const measureSets = async (round) => {
      const setLines = numbered(sets, (number) => `set new/${number} value-${round}-${number}`);
      const written = writeLines(workplace.fresh('sets'), setLines);
      const { wallMs, cpuMs } = await runProcess(timekv('batch', written), { env });
      const count = await runProcess(timekv('keys', 'new/', '--count'), { env });
      if (count.output !== `${sets}\n`) throw new Error(`${count.output} of ${sets} keys`);
      addLines('set, durable', sets, { wallMs, cpuMs, atLeast: 20_000 });
    };

    const trips = isQuick ? 2000 : 10_000;
    const measureTrips = async () => {
      const took = await roundTrips(env, trips, {
        question: (number) => `get ${prices.anyKey(number)}`,
        isAnswer: (number, line) => line === prices.latestOf(number),
      });
      const add = (what, value, wanted) => results.add(coProcess, 'get', { what, value, wanted });
      const sorted = took.sort((a, b) => a - b);
      add('median round trip, ms', medianOf(sorted), { atMost: 0.2 });
      add('p99, ms', sorted[Math.floor(trips * 0.99)]);
    };
    await interleaved(isQuick ? 1 : 3, [measureGets, measureSets, measureTrips]);
  },
};

/** The time that each answer took, in ms; the first ones, while all is being compiled, do not count. */
async function roundTrips(env, count, { question, isAnswer }) {
  const unmeasured = 500;
  const [program, ...args] = timekv('batch');
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const took = [];
  let sentAt = 0;
  let number = 0;
  const ask = () => {
    sentAt = performance.now();
    child.stdin.write(`${question(number)}\n`);
  };
  ask();
  for await (const line of createInterface({ input: child.stdout })) {
    took.push(performance.now() - sentAt);
    if (!isAnswer(number, line)) throw new Error(`${question(number)} was answered by ${line}`);
    number += 1;
    if (number === unmeasured + count) break;
    ask();
  }
  child.stdin.end();
  if (child.exitCode === null) await once(child, 'exit');
  return took.slice(unmeasured);
}
