// Flushes the log and merges segments until its stdin ends, one merge in four into one segment.
import { open } from '../../../dist/bundle/src/index.js';
import { answer } from './answer.mjs';

const { directory } = JSON.parse(process.argv[2]);
const stdin = process.stdin.resume();

const store = await open(directory, { create: false, busyTimeout: 60_000 });
let flushes = 0;
let merges = 0;
while (!stdin.readableEnded) {
  await new Promise((resolve) => setTimeout(resolve, 700));
  if (flushes % 3 < 2) {
    await store.snapshot();
  } else {
    await store.compact({ full: merges % 4 === 3 });
    merges += 1;
  }
  flushes += 1;
}
await store.close();
answer({ flushes, merges });
