/**
 * A store that only processes have written which end at once: reads beside those of the same store
 * after a full compaction, in one process and by one `timekv get` each; and what those processes took.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess, runProgram } from '../support/process.mjs';
import { interleaved } from '../support/rounds.mjs';
import { timekv } from '../support/timekv.mjs';
import { numbered, Prices, writeLines } from './rows.mjs';

const programs = join(import.meta.dirname, 'programs');
const as = 'as it was left';
const compacted = 'compacted';
const padding = 'x'.repeat(64);

export const oneShots = {
  name: 'one-shots',
  async measure({ workplace, results, isQuick }) {
    const mebibytes = isQuick ? 64 : 1024;
    const linesEach = 8000;
    const keys = isQuick ? 100_000 : 1_000_000;
    const commands = mebibytes;
    const prices = new Prices(commands * linesEach, keys);
    const directory = workplace.fresh('store');
    const env = { TIMEKV_DIR: directory };
    const filling = `one-shots: ${mebibytes} commands that write 1 MiB each`;
    for (let command = 0; command < commands; command++) {
      const lines = numbered(linesEach, (line) => {
        const row = command * linesEach + line;
        return `set ${prices.key(row)} ${prices.value(row)}${padding} ${prices.time(row)}`;
      });
      const file = writeLines(workplace.fresh('lines'), lines);
      const { wallMs } = await runProcess(timekv('batch', '--atomic', file), { env });
      results.add(filling, 'timekv batch --atomic', { what: 'wall, ms', value: wallMs });
    }
    const { output } = await runProcess(timekv('stats', '--json'), { env });
    const { segments, waiting } = JSON.parse(output);
    for (const [what, value] of [
      ['segments left', segments.count],
      ['merges that wait', waiting.merges],
    ]) {
      results.add(filling, 'timekv batch --atomic', { what, value });
    }

    const other = workplace.fresh('compacted');
    cpSync(directory, other, { recursive: true });
    await runProcess(timekv('compact', '--full', '--dir', other));
    const stores = [
      [as, directory],
      [compacted, other],
    ];
    const work = `one-shots: reads of ${mebibytes} MiB as of random times`;
    const wanted = { of: compacted, atMost: 2 };
    const measures = stores.map(([who, path]) => async (round) => {
      const add = (what, value) =>
        results.add(work, who, { what, value, wanted: who === as ? wanted : [] });
      const args = [path, prices.versions, keys, round];
      const { answer } = await runProgram(join(programs, 'read-at-random.mjs'), args);
      for (const [what, value] of Object.entries(answer)) add(what, value);
      const at = String(prices.time(prices.versions - 1 - round));
      const get = timekv('get', prices.anyKey(round), at, '--default', '-', '--dir', path);
      add('timekv get, wall ms', (await runProcess(get)).wallMs);
    });
    await interleaved(isQuick ? 5 : 9, measures);
  },
};
