// Waits until its stdin ends, then writes one version after the other for some seconds; answers how
// long each commit took, in milliseconds.
import { once } from 'node:events';
import { open } from '../../../dist/bundle/src/index.js';
import { answer, say } from './answer.mjs';

const { directory, key, seconds } = JSON.parse(process.argv[2]);
const store = await open(directory, { busyTimeout: 60_000 });
store.get(key);
say('ready');
await once(process.stdin.resume(), 'end');
const took = [];
const ends = performance.now() + seconds * 1000;
for (let at = performance.now(); at < ends; at = performance.now()) {
  await store.set(key, String(took.length));
  took.push(Math.round((performance.now() - at) * 1000) / 1000);
}
await store.close();
answer(took);
