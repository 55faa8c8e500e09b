// Flushes and merges again and again, until it is killed.
import { open } from '../../../dist/bundle/src/index.js';
import { say } from './answer.mjs';

const { directory } = JSON.parse(process.argv[2]);
const store = await open(directory, { busyTimeout: 60_000 });
say('ready');
for (let round = 1; ; round++) {
  await store.snapshot();
  await store.compact({ full: round % 4 === 0 });
  await new Promise((resolve) => setTimeout(resolve, 200));
}
