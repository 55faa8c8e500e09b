/** Values by time in memory, beside three classic designs of such a collection. */
import { hasPackage } from '../../support/peers.mjs';
import { interleaved } from '../../support/rounds.mjs';
import { measured } from '../stores.mjs';

const classic = ['dictionary', 'heap', 'sorted-btree'];

/** What counts: level with the best of the three; but a dictionary and a heap are made for a row each. */
const madeFor = new Map([
  ['exact', ['dictionary', 'heap']],
  ['absent', ['dictionary', 'heap']],
  ['earliest', ['heap']],
]);

/** Level, as far as one run tells. */
const level = 1.05;

function wantedOf(what) {
  const special = madeFor.get(what) ?? [];
  const others = classic.filter((subject) => !special.includes(subject));
  return [{ of: others, atMost: level }, ...special.map((subject) => ({ of: subject, atMost: 3 }))];
}

const names = {
  inOrder: 'insert in order, ns each',
  outOfOrder: 'insert out of order, ns each',
  'outOfOrder, range': 'the same, and one range of 10, ns each',
  earliest: 'earliest, ns',
  exact: 'exact lookup, ns',
  absent: 'lookup of what is not there, ns',
  'small range': 'range of 10, ns',
  'large range': 'range of a tenth, ns',
};

export const timeline = {
  name: 'timeline',
  async measure({ results, isQuick }) {
    const tree = hasPackage('sorted-btree', results) ? ['sorted-btree'] : [];
    const subjects = ['timekv', 'dictionary', 'heap', ...tree];
    for (const events of [10_000, 100_000, ...(isQuick ? [] : [1_000_000])]) {
      const work = `timeline: ${events.toLocaleString('en-GB')} events`;
      const turn = (subject) => async () => {
        const answers = await measured('timeline', { subject, events });
        for (const [what, value] of Object.entries(answers)) {
          const isWanted = subject === 'timekv' && what !== 'outOfOrder, range';
          const wanted = isWanted ? wantedOf(what) : [];
          results.add(work, subject, { what: names[what], value, wanted });
        }
      };
      await interleaved(isQuick ? 3 : 5, subjects.map(turn));
    }
    await interleaved(3, [
      async () => {
        const answers = await measured('storedTimeline', { events: 100_000 });
        for (const [what, value] of Object.entries(answers)) {
          const work = 'timeline: 100,000 events';
          results.add(work, 'timekv :memory:', { what: names[what], value });
        }
      },
    ]);
  },
};
