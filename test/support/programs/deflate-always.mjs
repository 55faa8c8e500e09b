// Workers do nothing but deflate blocks and inflate them again, and each is terminated in that, some
// of them when they make their streams.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { Deflater, inflate } from '../../../dist/src/segment/deflate.js';
import { answer } from './answer.mjs';

if (isMainThread) {
  const { terminations } = JSON.parse(process.argv[2]);
  for (let number = 0; number < terminations; number += 1) {
    const worker = new Worker(new URL(import.meta.url));
    await once(worker, 'message');
    await new Promise((resolve) => setTimeout(resolve, number % 5));
    await worker.terminate();
  }
  answer({ terminations });
} else {
  const block = Buffer.from('{"state":"on"}\n'.repeat(250));
  const deflater = new Deflater();
  parentPort.postMessage('deflating');
  for (;;) inflate(deflater.deflated(block), block.length);
}
