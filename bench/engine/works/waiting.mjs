/** What it takes to wait for values to come. */
import { interleaved } from '../../support/rounds.mjs';
import { measured } from '../stores.mjs';

const many = 10_000;

export const waiting = {
  name: 'waiting',
  async measure({ workplace, results, isQuick }) {
    const idle = 'waiting by when() while nothing is written';
    const turn = (count) => async () => {
      const directory = workplace.fresh('waiting');
      const { cpu } = await measured('waiting', { directory, count, seconds: isQuick ? 2 : 5 });
      const who = count === 1 ? '1 call' : `${count.toLocaleString('en-GB')} calls`;
      results.add(idle, who, { what: 'CPU, ms a second', value: cpu });
    };
    await interleaved(3, [turn(1), turn(many)]);
    const { p50, p99 } = await measured('answered', {
      directory: workplace.fresh('answered'),
      rounds: isQuick ? 50 : 300,
    });
    const answering = "answered after another process's commit";
    results.add(answering, 'timekv', { what: 'p50, ms', value: p50, wanted: { atMost: 50 } });
    results.add(answering, 'timekv', { what: 'p99, ms', value: p99, wanted: { atMost: 50 } });
  },
};
