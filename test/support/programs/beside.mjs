// Writes pairs of keys of its own for some seconds, and writes down what became of each; beside it, if
// it is told so, a thread that sabotages the locks of this process (sabotage.mjs).
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { open } from '../../../dist/bundle/src/index.js';
import { answer } from './answer.mjs';
import { random } from './random.mjs';

const { directory, name, seconds, seed, how, to } = JSON.parse(process.argv[2]);
const options = { memory: 8 * 2 ** 20, busyTimeout: 20_000 };
const { below } = random(seed);
const acknowledged = [];
// Written or not: nobody knows.
const unknown = [];
const errors = {};
const wrong = [];
let store;

function note(error) {
  const told = error.code ?? String(error.stack);
  errors[told] = (errors[told] ?? 0) + 1;
  return told;
}

async function write(number) {
  const value = `${name}:${number}`.padEnd(below(3) === 0 ? below(4000) : 0, '.');
  const keys = [`${name}/left`, `${name}/right`];
  try {
    const { firstSeq } = await store.commit(keys.map((key) => ({ type: 'set', key, value })));
    acknowledged.push([value, firstSeq]);
  } catch (error) {
    const told = note(error);
    if (told !== 'ERR_TIMEKV_BUSY') unknown.push(value);
    if (told === 'ERR_TIMEKV_POISONED' || told === 'ERR_TIMEKV_DAMAGED') await reopen();
  }
}

async function reopen() {
  await store.close().catch(note);
  for (;;) {
    try {
      store = await open(directory, options);
      return;
    } catch (error) {
      note(error);
      if (performance.now() > ends) return; // It stays damaged, and that was told.
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

// Nobody else writes these keys: what was acknowledged last must be there, or something unknown.
function look() {
  try {
    const rows = [...store.scan({ prefix: `${name}/` })];
    const [left, right] = rows;
    const [last] = acknowledged.at(-1) ?? [];
    const isRight = left === undefined ? last === undefined : left.value === right?.value;
    const isKnown = left?.value === last || unknown.includes(left?.value);
    if (!isRight || !isKnown) wrong.push(`${last}: ${JSON.stringify(rows)}`);
  } catch (error) {
    note(error);
  }
}

store = await open(directory, options);
const shared = new Int32Array(new SharedArrayBuffer(8));
let sabotage;
if (how !== undefined) {
  const workerData = { directory, how, shared };
  sabotage = new Worker(new URL('sabotage.mjs', import.meta.url), { workerData });
  while (Atomics.load(shared, 1) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
}
const ends = performance.now() + seconds * 1000;
for (let number = 0; performance.now() < ends; number += 1) {
  if (below(10) === 0) {
    await Promise.all(Array.from({ length: 1 + below(8) }, () => write((number += 1))));
  } else {
    await write(number);
  }
  look();
  if (below(300) === 0) await store.snapshot().catch(note);
  if (below(1000) === 0) await store.compact().catch(note);
}
if (sabotage !== undefined) {
  const ended = once(sabotage, 'exit');
  Atomics.store(shared, 0, 1);
  await ended;
}
const touched = Atomics.load(shared, 1);
await store.close().catch(note);
writeFileSync(to, JSON.stringify({ acknowledged, unknown, errors, wrong, touched }));
answer({});
