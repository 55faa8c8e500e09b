// Writes and reads a store many times larger than its memory tier, in every way there is.
import { open } from '../../../dist/bundle/src/index.js';
import { peakMemory } from './peak-memory.mjs';
import { answer } from './answer.mjs';

const { directory, memory, keys, versionsEach, valueBytes } = JSON.parse(process.argv[2]);

const filler = 'v'.repeat(valueBytes);
const valueOf = (key, at) => `${key}:${at}:`.padEnd(valueBytes, filler);
const keyOf = (key) => `key/${String(key).padStart(8, '0')}`;
const peaks = {};

async function step(name, action) {
  const started = performance.now();
  const result = await action();
  peaks[name] = { mebibytes: Math.round(peakMemory() / 2 ** 20), ms: performance.now() - started };
  return result;
}

function* rows() {
  for (let at = 1; at <= versionsEach; at += 1) {
    for (let key = 0; key < keys; key += 1) yield { key: keyOf(key), value: valueOf(key, at), at };
  }
}

/** The same numbers in every run. */
function* random(count) {
  let state = 12345;
  for (let i = 0; i < count; i += 1) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    yield state / 2 ** 32;
  }
}

let faults = 0;
const check = (isRight) => {
  if (!isRight) faults += 1;
};

let store = await open(directory, { memory });
await step('open', () => {});
await step('load', () => store.load(rows()));
await step('random gets', () => {
  for (const number of random(Math.min(20_000, 2e8 / valueBytes))) {
    const key = Math.floor(number * keys);
    const at = 1 + (Math.floor(number * 1e6) % versionsEach);
    check(store.get(keyOf(key), at) === valueOf(key, at));
  }
});
await step('single sets', async () => {
  for (let key = 0; key < Math.min(2000, keys / 2); key += 1) {
    await store.set(keyOf(key), valueOf(key, 'again'), versionsEach + 1);
  }
});
await step('scan', () => {
  let count = 0;
  for (const { value } of store.scan({ at: 1 })) count += value.length > 0 ? 1 : 0;
  check(count === keys);
});
await step('scan backwards', () => {
  check([...store.keys({ at: versionsEach, reverse: true, limit: 10 })].length === 10);
  let count = 0;
  for (const _ of store.keys({ at: versionsEach, reverse: true })) count += 1;
  check(count === keys);
});
await step('full compaction', () => store.compact({ full: true }));
await step('histories', () => {
  for (const number of random(Math.min(500, 1e8 / versionsEach / valueBytes))) {
    const key = Math.floor(number * keys);
    const versions = [...store.history(keyOf(key), { to: versionsEach })];
    check(versions.length === versionsEach && versions[0].value === valueOf(key, 1));
  }
});
const stats = await store.stats();
await store.close();
store = await open(directory, { memory });
await step('reopened', () => {
  check(store.get(keyOf(1), 1) === valueOf(1, 1));
  check(store.get(keyOf(keys - 1)) === valueOf(keys - 1, versionsEach));
});
await store.close();
answer({ peak: peakMemory(), peaks, faults, stats });
