// Has workers open a store and use it, a few at a time, and terminates each after a random short time,
// while it goes on using the store itself. Writes down what each of them had begun and been told, and
// waits until its stdin ends, so that a lock which this process has kept would be met by others.
import { once } from 'node:events';
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { open } from '../../../dist/bundle/src/index.js';
import { say } from './answer.mjs';
import { random } from './random.mjs';
import { LifeMemory, steps } from './terminate-lives.mjs';

const { directory, terminations, together, seed, usesStore, to } = JSON.parse(process.argv[2]);
/** For those that work beside others, which may be slow. */
const options = { busyTimeout: 20_000 };
/** For a look at whether every lock is free, when nobody in this process has one to hold. */
const atOnce = { busyTimeout: 5_000 };
const livesBetweenLooks = 25;
const roles = ['sets', 'batches', 'bursts', 'fill', 'maintain', 'maintain', 'read', 'reopen'];

const { below, pick } = random(seed);
const faults = [];
const lives = [];
const counts = { looks: 0, 'slowest look, ms': 0 };
const ending = new AbortController();

function openFiles() {
  return readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      return [readlinkSync(`/proc/self/fd/${name}`)];
    } catch {
      return []; // The one that the directory was read by.
    }
  });
}

/** In milliseconds. It takes two full logs until segments are made by a thread of the worker's own. */
function longest(role) {
  if (role === 'fill') return 900;
  return below(4) === 0 ? 250 : 60;
}

/** From before it opens the store to well into its work. */
async function lifetime(worker, role) {
  if (below(4) === 0) return sleep(below(120));
  await new Promise((resolve) => worker.once('message', resolve));
  await sleep(below(longest(role)));
}

async function live(number) {
  const memory = new LifeMemory();
  const life = `life/${number}`;
  const role = pick(roles);
  const workerData = {
    directory,
    options,
    life,
    role,
    seed: below(2 ** 31),
    memory: memory.memory,
  };
  const worker = new Worker(new URL('./terminated.mjs', import.meta.url), { workerData });
  worker.on('error', (error) => faults.push(`${life} (${role}): ${error?.stack ?? error}`));
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  await Promise.race([lifetime(worker, role), ended]);
  await worker.terminate();
  await ended;
  const step = Object.keys(steps)[memory.step];
  lives.push({
    life,
    role,
    step,
    begun: memory.begun,
    threads: memory.threads,
    acknowledged: memory.acknowledged(),
  });
}

/** Some lives at once, one after the other at each place. */
async function someLives(first, count) {
  let next = first;
  const place = async () => {
    while (next < first + count) await live(next++);
  };
  await Promise.all(Array.from({ length: together }, place));
}

/** All of its own writes are there, and each of its reads is what was written last. */
async function useStore() {
  const store = await open(directory, options);
  for (let number = 0; !ending.signal.aborted; number++) {
    await store.set('main', `${number}`);
    const found = store.get('main');
    if (found !== `${number}`) faults.push(`the main thread reads ${found} after ${number}`);
    if (number % 20 === 0) for (const _ of store.scan({ limit: 200 }));
    if (number % 100 === 99) await store.snapshot();
    await sleep(below(5));
  }
  await store.close();
}

/** No thread that has ended holds anything: each lock can be had. */
async function look() {
  const started = performance.now();
  const store = await open(directory, atOnce);
  await store.set('look', `${(counts.looks += 1)}`);
  await store.snapshot();
  await store.close();
  const took = Math.round(performance.now() - started);
  counts['slowest look, ms'] = Math.max(counts['slowest look, ms'], took);
}

async function lookTelling() {
  await look().catch((error) => faults.push(`after ${lives.length} lives: ${error.stack}`));
}

await someLives(0, together); // What Node keeps open from then on is no leak.
const filesBefore = openFiles();
const mainThread = usesStore ? useStore() : Promise.resolve();
mainThread.catch((error) => faults.push(`main thread: ${error.stack}`));
while (lives.length < terminations) {
  const count = Math.min(livesBetweenLooks, terminations - lives.length);
  await someLives(lives.length, count);
  await lookTelling();
}
ending.abort();
await mainThread.catch(() => undefined);
await lookTelling();
const files = { before: filesBefore, after: openFiles() };
const memoryMiB = Math.round(process.memoryUsage.rss() / 2 ** 20);
writeFileSync(to, JSON.stringify({ faults, lives, counts, files, memoryMiB }));
say('ended');
await once(process.stdin.resume(), 'end');
