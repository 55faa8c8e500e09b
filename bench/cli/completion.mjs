/** Keys offered on Tab, in a large store that is open. */
import { join } from 'node:path';
import { runProgram } from '../support/process.mjs';

const programs = join(import.meta.dirname, 'programs');

export const completion = {
  name: 'completion',
  async measure({ workplace, results, isQuick }) {
    const versions = isQuick ? 1_000_000 : 10_000_000;
    const keys = versions / 10;
    const store = workplace.fresh('store');
    await runProgram(join(programs, 'build-store.mjs'), [store, versions, keys]);
    const work = `completion of a key, in an open store of ${versions.toLocaleString('en-GB')} versions`;
    const wanted = { atMost: 50 };
    for (let round = 0; round < (isQuick ? 1 : 3); round++) {
      const { answer } = await runProgram(join(programs, 'complete-keys.mjs'), [store, keys]);
      const add = (what, value) => results.add(work, 'timekv', { what, value, wanted });
      add('the first, ms', answer.firstMs);
      add('the median, ms', answer.medianMs);
      add('the slowest, ms', answer.slowestMs);
    }
  },
};
