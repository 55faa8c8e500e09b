// Workers do nothing but try to take a lock that the main thread holds, and each is terminated in that.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { KernelLock } from '../../../dist/src/catalog/lock.js';
import { answer } from './answer.mjs';

if (isMainThread) {
  const { path, terminations } = JSON.parse(process.argv[2]);
  const lock = KernelLock.open(path, 5000);
  await lock.acquire(5000);
  for (let number = 0; number < terminations; number += 1) {
    const worker = new Worker(new URL(import.meta.url), { workerData: { path } });
    await once(worker, 'message');
    await worker.terminate();
  }
  // What a worker left open or closed has neither taken the lock away nor kept a part of it.
  lock.release();
  answer({ taken: lock.tryAcquire() });
  lock.close();
} else {
  const lock = KernelLock.open(workerData.path, 5000);
  lock.tryAcquire();
  parentPort.postMessage('trying');
  while (!lock.tryAcquire());
  throw new Error('a lock was taken that the main thread holds');
}
