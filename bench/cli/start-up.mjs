/**
 * What a one-shot command costs beside a bare Node. User CPU of the whole process is what is wanted;
 * the kernel divides CPU into user and system by where its clock finds the process, so that only
 * their sum is exact: both are printed.
 */
import { join } from 'node:path';
import { runProcess } from '../support/process.mjs';
import { interleaved } from '../support/rounds.mjs';
import { timekv } from '../support/timekv.mjs';
import { Prices, writeLines } from './rows.mjs';

const work = 'start-up: a command on 1,000,000 versions, beside a bare Node';
const bare = 'node -e 0';
const loadOnly = join(import.meta.dirname, 'programs/load-only.cjs');

export const startUp = {
  name: 'start-up',
  async measure({ workplace, results, isQuick }) {
    const prices = new Prices(1_000_000, 100_000);
    const file = writeLines(workplace.fresh('rows.csv'), prices.csvLines());
    const store = workplace.fresh('store');
    const warm = { XDG_CACHE_HOME: workplace.freshDirectory('cache'), TIMEKV_DIR: store };
    const others = { ...warm, XDG_CACHE_HOME: workplace.freshDirectory('others') };
    await runProcess(timekv('import', file), { env: others });

    const sample = async (subject, command, { env = warm, wanted = {} } = {}) => {
      const { userMs, cpuMs, wallMs, output } = await runProcess(command, { env });
      const add = (what, value, limit) =>
        results.add(work, subject, { what, value, wanted: { of: bare, ...limit } });
      add('user CPU, ms', userMs, wanted);
      add('user + system, ms', cpuMs);
      add('wall, ms', wallMs);
      return output;
    };
    const get = async (subject, round, options) => {
      const answer = await sample(subject, timekv('get', prices.anyKey(round)), options);
      if (answer !== `${prices.latestOf(round)}\n`) throw new Error(`get answered ${answer}`);
    };
    const set = (subject, round, options) =>
      sample(subject, timekv('set', `new/${round}`, 'some value'), options);
    const cold = () => ({ ...warm, XDG_CACHE_HOME: workplace.freshDirectory('cold') });

    const turns = [
      () => sample(bare, [process.execPath, '-e', '0']),
      () => sample('loading what get loads', [process.execPath, loadOnly]),
      (round) => get('timekv get', round, { wanted: { atMost: 1.6, aim: 1.35 } }),
      (round) => set('timekv set', round, { wanted: { atMost: 1.75, aim: 1.5 } }),
      (round) => get('timekv get, no code cache yet', round, { env: cold() }),
      (round) => set('timekv set, no code cache yet', round, { env: cold() }),
    ];
    // Once for the code cache, unmeasured.
    for (const turn of [
      ['get', prices.key(0)],
      ['set', 'new', 'value'],
    ]) {
      await runProcess(timekv(...turn), { env: warm });
    }
    await interleaved(isQuick ? 5 : 31, turns);
  },
};
