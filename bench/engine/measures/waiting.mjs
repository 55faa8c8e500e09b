import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { open } from '../../../dist/bundle/src/index.js';

const setter = join(import.meta.dirname, '../programs/setter.mjs');
const hourUs = 3_600_000_000;

/** What so many waits take of the processor while nothing is written, in ms of it a second. */
export async function waiting({ directory, count, seconds }) {
  const store = await open(directory);
  await store.set('first', 'v');
  const stop = new AbortController();
  const at = store.now() + hourUs;
  const waits = Array.from({ length: count }, (_, number) =>
    store.when(`key ${number}`, at, { signal: stop.signal }),
  );
  const settled = Promise.allSettled(waits);
  await pause(1000);
  const before = process.cpuUsage();
  await pause(1000 * seconds);
  const { user, system } = process.cpuUsage(before);
  stop.abort();
  await settled;
  await store.close();
  return { cpu: (user + system) / 1000 / seconds };
}

/** How long after another process's commit a wait is answered, in milliseconds. */
export async function answered({ directory, rounds }) {
  const store = await open(directory);
  await store.set('first', 'v');
  const other = fork(setter, [directory]);
  await once(other, 'message');
  const took = [];
  for (let round = 0; round < rounds; round++) {
    const key = `key ${round}`;
    const value = store.when(key, store.now() + hourUs).then((found) => {
      if (found !== 'v') throw new Error(`another value of ${key}: ${found}`);
      return performance.timeOrigin + performance.now();
    });
    await pause(5);
    other.send(key);
    const [[committedAt], answeredAt] = await Promise.all([once(other, 'message'), value]);
    took.push(answeredAt - committedAt);
  }
  other.disconnect();
  await once(other, 'exit');
  await store.close();
  took.sort((a, b) => a - b);
  return { p50: took[took.length >> 1], p99: took[Math.floor(took.length * 0.99)] };
}
