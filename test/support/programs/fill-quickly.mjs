// Loads rows as quickly as it can, so that one log after the other is filled, and tells how far it is.
import { subscribe } from 'node:diagnostics_channel';
import { open } from '../../../dist/bundle/src/index.js';
import { answer, say } from './answer.mjs';

const { directory, rows, keys, threadLivesMs } = JSON.parse(process.argv[2]);

let threads = 0;
subscribe('worker_threads', ({ worker }) => {
  threads += 1;
  if (threadLivesMs !== undefined) setTimeout(() => void worker.terminate(), threadLivesMs);
});

function* all() {
  for (let at = 1; at <= rows; at += 1) {
    yield { key: `key/${(at * 7919) % keys}`, value: `value ${at} ${'v'.repeat(80)}`, at };
  }
}

const store = await open(directory);
await store.load(all(), { onProgress: (committed) => say(`${committed}`) });
await store.snapshot();
const { segments, waiting } = await store.stats();
await store.close();
answer({ threads, segments: segments.count, waiting });
