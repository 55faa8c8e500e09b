// A worker opens a store and writes to it; tells with what code and message that was refused, if it
// was, and what the main thread reads of its own write after that.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { open } from '../../../dist/bundle/src/index.js';
import { answer } from './answer.mjs';

async function openAndWrite(directory) {
  const store = await open(directory);
  await store.set('worker', 'v');
  await store.close();
}

if (isMainThread) {
  const { directory } = JSON.parse(process.argv[2]);
  const worker = new Worker(new URL(import.meta.url), { workerData: { directory } });
  const [told] = await once(worker, 'message');
  const store = await open(directory);
  await store.set('main', 'v');
  answer({ ...told, value: store.get('main') });
  await store.close();
} else {
  const told = await openAndWrite(workerData.directory).then(
    () => ({}),
    ({ code, message }) => ({ code, message }),
  );
  parentPort.postMessage(told);
}
