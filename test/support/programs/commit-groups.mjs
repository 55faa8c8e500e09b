// Commits groups of rows from a file, so many at a time, one after the other; prints the number of
// each group that was acknowledged. One row is a set, several are a batch.
import { readFileSync } from 'node:fs';
import { open } from '../../../dist/bundle/src/index.js';
import { say } from './answer.mjs';

const { directory, options, path, width } = JSON.parse(process.argv[2]);
const groups = JSON.parse(readFileSync(path, 'utf8'));
const store = await open(directory, options);

function commit([{ key, value, timestamp: at }, ...more]) {
  if (more.length === 0) return store.set(key, value, at);
  return store.batch([
    { type: 'set', key, value, at },
    ...more.map((row) => ({ type: 'set', key: row.key, value: row.value, at: row.timestamp })),
  ]);
}

const underWay = [];
for (const [number, group] of groups.entries()) {
  if (underWay.length >= width) await underWay.shift();
  underWay.push(commit(group).then(() => say(String(number))));
}
await Promise.all(underWay);
await store.close();
