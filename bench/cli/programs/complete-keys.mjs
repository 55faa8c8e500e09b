/**
 * Completes keys as Tab in the REPL does, and prints how long it took: with a store that has just been
 * opened, and then with a prefix of every length. Run: node complete-keys.mjs DIR KEYS
 */
import { open } from '../../../dist/bundle/src/index.js';
import { complete } from '../../../dist/src/cli/repl/completion.js';
import { medianOf } from '../../support/results.mjs';
import { Prices } from '../rows.mjs';

const questions = 500;
const [directory, keys] = process.argv.slice(2);
const prices = new Prices(Number(keys), Number(keys));

const store = await open(directory, { readOnly: true, codec: 'bytes' });
const context = {
  store: () => Promise.resolve(store),
  times: () => ({ unit: store.unit, now: () => store.now(), zone: 'UTC' }),
};
// What is typed before a key is hinted at, which has loaded the command by then.
await complete('get --', context);
const took = [];
for (let number = 0; number < questions; number++) {
  const key = prices.anyKey(number * 31);
  const prefix = key.slice(0, number % (key.length + 1));
  const startedAt = performance.now();
  const [found, part] = await complete(`get ${prefix}`, context);
  took.push(performance.now() - startedAt);
  const isRight = part === prefix && found.length > 0 && found.length <= 200;
  if (!isRight) throw new Error(`${prefix} was completed to ${found.length} keys`);
}
await store.close();
const [firstMs, ...rest] = took;
console.log(JSON.stringify({ firstMs, medianMs: medianOf(rest), slowestMs: Math.max(...rest) }));
