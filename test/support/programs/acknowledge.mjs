// Says that it is ready, then opens the store and writes batches of two keys until it is killed;
// prints the number of each acknowledged one.
import { open } from '../../../dist/bundle/src/index.js';
import { say } from './answer.mjs';

const { directory, durability, key } = JSON.parse(process.argv[2]);
say('ready');
const store = await open(directory, { durability, busyTimeout: 30_000 });
for (let i = 0; ; i += 1) {
  const value = String(i);
  await store.batch([
    { type: 'set', key: `${key}/left`, value },
    { type: 'set', key: `${key}/right`, value },
  ]);
  say(String(i));
}
