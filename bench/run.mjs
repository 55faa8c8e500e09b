// What the store's main jobs cost on this machine, beside the floor of the disk. One round of each,
// interleaved; medians. Peers and curves come with an issue of their own. Run: npm run bench
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from '../dist/bundle/src/index.js';

const rounds = 3;
const loaded = 200_000;
const directory = mkdtempSync(join(tmpdir(), 'timekv-bench-'));
const results = new Map();

async function measure(name, operations, action) {
  const start = performance.now();
  await action();
  const microseconds = ((performance.now() - start) * 1000) / operations;
  results.set(name, [...(results.get(name) ?? []), microseconds]);
}

const keyOf = (number) => `key/${String(number % 20_000).padStart(8, '0')}`;
const value = 'v'.repeat(100);

function* rows() {
  for (let at = 0; at < loaded; at++) yield { key: keyOf(at), value, at };
}

for (let round = 0; round < rounds; round++) {
  const file = openSync(join(directory, `floor-${round}`), 'w');
  await measure('floor: append 200 bytes + fdatasync', 300, () => {
    for (let i = 0; i < 300; i++) {
      writeSync(file, Buffer.alloc(200, 1));
      fdatasyncSync(file);
    }
  });
  closeSync(file);
  const store = await open(join(directory, `store-${round}`));
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
}
rmSync(directory, { recursive: true });

for (const [name, times] of results) {
  const [median] = times.toSorted((a, b) => a - b).slice(Math.floor(rounds / 2));
  console.log(`${name.padEnd(40)} ${median.toFixed(1).padStart(9)} µs`);
}
