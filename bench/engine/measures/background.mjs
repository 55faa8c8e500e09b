import { open } from '../../../dist/bundle/src/index.js';
import { openSubject } from '../subjects/subjects.mjs';
import { bytesOf } from './load.mjs';
import { timed } from './timed.mjs';

const value = Buffer.alloc(100, 'v');

/** Durable writes, one after another, while the store is compacted; and what else waited meanwhile. */
export async function compacting({ directory }) {
  const store = await openSubject('timekv', directory, { isDurable: true });
  for (let i = 0; i < 30; i++) await store.set('warm-up', value, i);
  let isDone = false;
  const slices = [];
  let last = performance.now();
  const tick = () => {
    const now = performance.now();
    slices.push(now - last);
    last = now;
    if (!isDone) setImmediate(tick);
  };
  tick();
  const settled = store.settle().then(() => (isDone = true));
  const latencies = await writeUntil(store, () => isDone);
  await settled;
  await store.close();
  return {
    ...percentiles(latencies),
    slice: slices.reduce((most, each) => Math.max(most, each), 0),
  };
}

/** The floor's writes beside somebody who writes as much, for so long. */
export async function beside({ directory, milliseconds }) {
  const store = await openSubject('floor', directory, {});
  const end = performance.now() + milliseconds;
  const latencies = await writeUntil(store, () => performance.now() >= end);
  store.close();
  return percentiles(latencies);
}

async function writeUntil(store, isDone) {
  const latencies = [];
  for (let i = 0; !isDone(); i++) {
    const before = performance.now();
    await store.set('beside', value, i);
    latencies.push(performance.now() - before);
  }
  return latencies;
}

function percentiles(latencies) {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), p999: at(0.999) };
}

/** A full compaction, and what lies on the disk then. */
export async function compacted({ shape, directory, compress }) {
  const store = await open(directory, { codec: 'bytes' });
  const { wall } = await timed(shape.rows, () => store.compact({ full: true, compress }));
  await store.close();
  return { wall, bytes: bytesOf(directory) / shape.rows };
}
