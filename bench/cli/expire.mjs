/**
 * Taking out expired versions, one a process, beside a plain one-shot `set`: of the first of 100,000,
 * and of the last; and all that is between by one process.
 */
import { writeFileSync } from 'node:fs';
import { runProcess } from '../support/process.mjs';
import { interleaved } from '../support/rounds.mjs';
import { timekv } from '../support/timekv.mjs';

const set = 'timekv set';
const expire = 'timekv expire --limit 1';

export const expiring = {
  name: 'expire',
  async measure({ workplace, results, isQuick }) {
    const versions = isQuick ? 100_000 : 1_000_000;
    const expired = versions / 10;
    const rounds = isQuick ? 5 : 15;
    const env = { TIMEKV_DIR: workplace.fresh('store') };
    const file = workplace.fresh('rows.csv');
    writeFileSync(file, `key,timestamp,value,expiresAt\n${rows(versions).join('')}`);
    await runProcess(timekv('import', file), { env });

    const count = expired.toLocaleString('en-GB');
    const pairs = async (which) => {
      const work = `expire: ${which} of ${count} versions that have expired, of ${versions.toLocaleString('en-GB')}`;
      const sample = async (subject, command, wanted) => {
        const { wallMs, output } = await runProcess(command, { env });
        results.add(work, subject, { what: 'wall, ms', value: wallMs, wanted });
        return output;
      };
      await interleaved(rounds, [
        (round) => sample(set, timekv('set', 'one-shot', `value ${round}`)),
        async () => {
          const output = await sample(expire, timekv('expire', '--limit', '1'), {
            of: set,
            atMost: 1.2,
          });
          if (output.split('\n').length !== 2) throw new Error(`expire answered ${output}`);
        },
      ]);
    };
    await pairs('the first');
    const left = expired - 2 * rounds;
    const { wallMs } = await runProcess(timekv('expire', '--limit', String(left)), { env });
    results.add(`expire: ${left} in one process`, 'timekv expire', {
      what: 'thousands a second',
      value: left / wallMs,
    });
    await pairs('the last');
    const { output } = await runProcess(timekv('expire'), { env });
    if (output !== '') throw new Error(`there were more to take out: ${output.slice(0, 100)}`);
  },
};

/** Each tenth expires, in another order than it was written in. */
function rows(versions) {
  const value = 'x'.repeat(100);
  return Array.from({ length: versions }, (_, at) => {
    const expiresAt = at % 10 === 0 ? at + 1 + ((at * 7919) % versions) : '';
    return `key-${at % 100_000},${at},${value},${expiresAt}\n`;
  });
}
