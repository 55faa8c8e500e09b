// A worker thread that uses a store until it is terminated. What survives that is in shared memory: at
// what it was, how many groups of operations it has begun, and which of them were acknowledged.
import { subscribe } from 'node:diagnostics_channel';
import { parentPort, workerData } from 'node:worker_threads';
import { open } from '../../../dist/bundle/src/index.js';
import { random } from './random.mjs';
import { groupRows, LifeMemory, steps } from './terminate-lives.mjs';

const { directory, options, life, role, seed } = workerData;
const memory = new LifeMemory(workerData.memory);
const { below } = random(seed);
const large = { bytes: 60_000 };
/** Enough for two logs and a part of a third. */
const largeMax = 120;
let store;
// Those that make segments, which end with it.
subscribe('worker_threads', () => memory.startedThread());

async function opened() {
  memory.step = steps.opening;
  return open(directory, options);
}

async function closed() {
  memory.step = steps.closing;
  await store.close();
}

/** Commits the next group; tells of it as soon as that is acknowledged. */
async function commit({ isBatch = below(2) === 0, bytes = 0 } = {}) {
  const number = memory.begin(bytes > 0 ? largeMax : undefined);
  if (number === undefined) {
    await pause(); // As much as one life may write.
    return;
  }
  const rows = groupRows(life, number, { isBatch, bytes });
  if (isBatch) await store.batch(rows.map((row) => ({ type: 'set', ...row })));
  else await store.set(rows[0].key, rows[0].value);
  memory.acknowledge(number, isBatch);
}

function pause() {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

async function burst(count, how) {
  memory.step = steps.committing;
  await Promise.all(Array.from({ length: count }, () => commit(how)));
}

const reads = [
  () => [...store.scan({ limit: 500 })],
  () => [...store.keys({ all: true, reverse: true, limit: 500 })],
  () => [...store.versions()].length,
  () => store.history(`${life}/0`, { reverse: true }),
  async () => {
    let left = 20;
    for await (const _ of store.watch()) if ((left -= 1) === 0) break;
  },
  () => store.when('nothing that comes', store.now() + 1e9, { timeout: 20 }).catch(() => undefined),
];

async function read() {
  memory.step = steps.reading;
  await reads[below(reads.length)]();
  await new Promise((resolve) => setImmediate(resolve));
}

async function maintain() {
  await burst(1 + below(3));
  memory.step = steps.maintaining;
  await store.snapshot();
  if (below(3) === 0) await store.compact({ full: below(2) === 0 });
}

const roles = {
  sets: () => burst(1, { isBatch: false }),
  batches: () => burst(1, { isBatch: true }),
  bursts: () => burst(2 + below(30)),
  // One log after the other, so that flushes are made by a thread of this thread.
  fill: () => burst(8, large),
  maintain,
  read,
  async reopen() {
    await burst(1);
    await closed();
    store = await opened();
  },
};

store = await opened();
parentPort.postMessage('open');
for (;;) await roles[role]();
