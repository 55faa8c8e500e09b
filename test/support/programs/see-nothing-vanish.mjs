// Reads everything again and again until its stdin ends. What was once seen must stay as it was, a
// batch is seen whole (keys that end in /left and /right), and seqs have no gap.
import { open } from '../../../dist/bundle/src/index.js';
import { answer, say } from './answer.mjs';

const { directory, reopens } = JSON.parse(process.argv[2]);
const stdin = process.stdin.resume();
const faults = [];
/** By seq: what was seen. */
const seen = [];
let looks = 0;

function fault(what, version) {
  if (faults.length < 10) faults.push(`${what}: ${JSON.stringify(version).slice(0, 200)}`);
}

function look(store) {
  const all = [...store.versions()];
  const now = [];
  for (const { key, timestamp, value, seq } of all) now[seq] = `${key}@${timestamp}=${value}`;
  for (let seq = 1; seq <= all.length; seq += 1) {
    const version = now[seq];
    if (version === undefined) fault('a gap', seq);
    else if (seen[seq] !== undefined && seen[seq] !== version) fault(`was ${seen[seq]}`, version);
    seen[seq] = version;
    if (!version?.includes('/left@')) continue;
    const right = version.replace('/left@', '/right@');
    if (now[seq + 1] !== right) fault('one half of a batch', version);
  }
  if (seen.length > all.length + 1) fault('versions have vanished', seen.at(-1));
  looks += 1;
}

let store = await open(directory);
say('ready');
while (!stdin.readableEnded) {
  look(store);
  if (reopens) {
    await store.close();
    store = await open(directory);
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
}
look(store);
await store.close();
answer({ looks, versions: seen.length - 1, faults });
