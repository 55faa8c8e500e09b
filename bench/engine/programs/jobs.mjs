/** Does the engine's main jobs, and prints what each took, in µs. Run: node jobs.mjs DIR VERSIONS */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { open } from '../../../dist/bundle/src/index.js';

const [directory, versions] = process.argv.slice(2);
const loaded = Number(versions);
const took = {};

async function measure(name, operations, action) {
  const start = performance.now();
  await action();
  took[name] = ((performance.now() - start) * 1000) / operations;
}

const keyOf = (number) => `key/${String(number % 20_000).padStart(8, '0')}`;
const value = 'v'.repeat(100);

function* rows() {
  for (let at = 0; at < loaded; at++) yield { key: keyOf(at), value, at };
}

const file = openSync(join(directory, 'floor'), 'w');
await measure('floor: append 200 bytes + fdatasync', 300, () => {
  for (let i = 0; i < 300; i++) {
    writeSync(file, Buffer.alloc(200, 1));
    fdatasyncSync(file);
  }
});
closeSync(file);
const store = await open(join(directory, 'store'));
await measure('durable set, one writer', 300, async () => {
  for (let i = 0; i < 300; i++) await store.set('one', value, i);
});
await measure('durable set, 64 writers', 6400, async () => {
  const writer = async (id) => {
    for (let i = 0; i < 100; i++) await store.set(`many/${id}`, value, i);
  };
  await Promise.all(Array.from({ length: 64 }, (_, id) => writer(id)));
});
await measure('load', loaded, () => store.load(rows()));
await store.compact({ full: true });
await measure('get as of a random time', 100_000, () => {
  for (let i = 0; i < 100_000; i++) store.get(keyOf(i * 7919), (i * 104_729) % loaded);
});
await store.close();
console.log(JSON.stringify(took));
