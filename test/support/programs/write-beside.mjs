// Writes one version after the other, and now and then flushes, until its stdin ends; answers how many
// were acknowledged.
import { open } from '../../../dist/bundle/src/index.js';
import { answer, say } from './answer.mjs';

const { directory, key, busyTimeout } = JSON.parse(process.argv[2]);
const stdin = process.stdin.resume();
const store = await open(directory, { busyTimeout });
let written = 0;
say('ready');
while (!stdin.readableEnded) {
  await store.set(key, String((written += 1)));
  if (written % 200 === 0) await store.snapshot();
  await new Promise((resolve) => setTimeout(resolve, 3));
}
await store.close();
answer({ written });
