import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Shape } from '../shapes.mjs';
import { get } from './reads.mjs';

const memoryMiB = 256;

/**
 * Gets a second of so many threads together, which begin at once, and what each get takes of a
 * processor, in µs; each thread checks its own answers.
 */
export async function workerGets({ shape, directory, threads, count, seed }) {
  const { keys, versions } = shape;
  const workers = Array.from({ length: threads }, (_, thread) => {
    const asked = { directory, memoryMiB, warmUp: count, count, seed: seed + 10 * thread };
    const shapeOfAll = { keys, versions };
    return new Worker(new URL(import.meta.url), { workerData: { shape: shapeOfAll, ...asked } });
  });
  const told = () => Promise.all(workers.map((worker) => once(worker, 'message')));
  await told();
  const answers = told();
  const before = process.cpuUsage();
  for (const worker of workers) worker.postMessage('begin');
  const perSecond = (await answers).reduce((sum, [{ wall }]) => sum + 1e6 / wall, 0);
  const { user, system } = process.cpuUsage(before);
  return { perSecond, cpu: (user + system) / (threads * count) };
}

/** Until all of them are warm. */
async function others() {
  parentPort.postMessage('warm');
  await once(parentPort, 'message');
}

if (!isMainThread) {
  const { shape, ...asked } = workerData;
  const asAll = { shape: new Shape(shape), subject: 'timekv', others };
  parentPort.postMessage(await get({ ...asAll, ...asked }));
}
