/** Makes a store of prices. Run: node build-store.mjs DIR VERSIONS KEYS */
import { open } from '../../../dist/bundle/src/index.js';
import { Prices } from '../rows.mjs';

const [directory, versions, keys] = process.argv.slice(2);
const prices = new Prices(Number(versions), Number(keys));

function* rows() {
  for (let row = 0; row < prices.versions; row++) {
    yield { key: prices.key(row), value: prices.value(row), at: prices.time(row) };
  }
}

const store = await open(directory);
const startedAt = performance.now();
await store.load(rows());
const loadMs = performance.now() - startedAt;
// As an import ends.
await store.snapshot();
await store.close();
console.log(JSON.stringify({ loadMs }));
