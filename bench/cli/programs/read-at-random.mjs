/**
 * Reads random keys as of random times, once for the system's and our caches and once by the clock.
 * Run: node read-at-random.mjs DIR VERSIONS KEYS SEED
 */
import { open } from '../../../dist/bundle/src/index.js';
import { Prices } from '../rows.mjs';

const reads = 20_000;
const [directory, versions, keys, seed] = process.argv.slice(2);
const prices = new Prices(Number(versions), Number(keys));

const store = await open(directory, { readOnly: true });
let state = Number(seed) * 7919 + 1;
const random = (below) => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return (state >>> 4) % below;
};
const took = [];
for (const isTimed of [false, true]) {
  for (let read = 0; read < reads; read++) {
    const key = prices.key(random(prices.versions));
    const at = prices.time(random(prices.versions));
    const startedAt = process.hrtime.bigint();
    store.get(key, at);
    if (isTimed) took.push(Number(process.hrtime.bigint() - startedAt) / 1000);
  }
}
await store.close();
took.sort((a, b) => a - b);
const at = (share) => took[Math.floor(reads * share)];
console.log(JSON.stringify({ 'median, µs': at(0.5), 'p99, µs': at(0.99) }));
