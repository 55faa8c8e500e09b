// Writes `versions` versions: its own key counts up, and every fifth step is a batch of two keys
// that all writers share and that must always agree; every so many steps as many as `burst` at once,
// which share a frame. Ends with the number of acknowledged versions.
import { open } from '../../../dist/bundle/src/index.js';
import { answer } from './answer.mjs';

const input = JSON.parse(process.argv[2]);
const { directory, writer, versions, reopens, burst = 10, every = 50 } = input;

const options = { busyTimeout: 60_000 };
let store = await open(directory, options);
let count = 0;
let written = 0;

async function writePair() {
  const value = `${writer}:${written}`;
  await store.batch([
    { type: 'set', key: 'pair/left', value },
    { type: 'set', key: 'pair/right', value },
  ]);
  written += 2;
}

async function writeOwn() {
  const timestamp = store.set(`own/${writer}`, String(count++));
  written += 1;
  await timestamp;
}

for (let step = 0; written < versions; step += 1) {
  const pair = step % 5 === 4 && versions - written >= 2;
  if (reopens) {
    await (pair ? writePair() : writeOwn());
    await store.close();
    store = await open(directory, options);
  } else if (step % every === 0 && versions - written >= burst) {
    await Promise.all(Array.from({ length: burst }, writeOwn));
  } else {
    await (pair ? writePair() : writeOwn());
  }
}
await store.close();
answer({ written, own: count });
