// The main thread and two worker threads write to one directory at once, each with a store of its
// own, and each reads what the others wrote.
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { open } from '../../../dist/bundle/src/index.js';
import { answer } from './answer.mjs';

const { directory, versions, threads } = isMainThread ? JSON.parse(process.argv[2]) : workerData;

async function write(thread) {
  const store = await open(directory, { busyTimeout: 30_000 });
  let seen = 0;
  for (let i = 0; i < versions; i += 1) {
    await store.set(`thread/${thread}`, String(i));
    seen = Math.max(seen, [...store.keys({ prefix: 'thread/' })].length);
  }
  await store.close();
  return seen;
}

if (isMainThread) {
  const workers = Array.from({ length: threads - 1 }, (_, i) => {
    const worker = new Worker(new URL(import.meta.url), {
      workerData: { directory, versions, threads, thread: i + 1 },
    });
    return new Promise((resolve, reject) => {
      worker.on('error', reject);
      worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`exit ${code}`))));
    });
  });
  const seen = await write(0);
  await Promise.all(workers);
  answer({ seen });
} else {
  await write(workerData.thread);
}
