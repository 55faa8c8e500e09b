// Watches a store until the key `end` is written, and answers what it was told: seq, key, time and value.
import { open } from '../../../dist/bundle/src/index.js';
import { answer, say } from './answer.mjs';

const { directory, since } = JSON.parse(process.argv[2]);
const store = await open(directory, { readOnly: true });
const watched = store.watch(since === undefined ? {} : { since });
say('watching');
const told = [];
for await (const { seq, key, timestamp, value } of watched) {
  told.push([seq, key, timestamp, value]);
  if (key === 'end') break;
}
await store.close();
answer(told);
