// Reads until its stdin ends. Every view must show whole batches, and never less than an earlier one.
import { open } from '../../../dist/bundle/src/index.js';
import { answer, say } from './answer.mjs';

const { directory, reopens, writers } = JSON.parse(process.argv[2]);

const stdin = process.stdin.resume();

const faults = [];
const last = new Map();
let pairs = 0;
let reads = 0;

function check(what, isRight, seen) {
  if (!isRight && faults.length < 20) faults.push(`${what}: ${JSON.stringify(seen)}`);
}

function neverBack(name, number) {
  check(`${name} went back from ${last.get(name)}`, number >= (last.get(name) ?? -1), number);
  last.set(name, number);
}

function look(store) {
  const rows = [...store.scan({ prefix: 'pair/' })];
  check('one half of a pair', rows.length === 0 || rows.length === 2, rows);
  if (rows.length === 2) {
    const [left, right] = rows;
    check('halves of two batches', left.value === right.value, rows);
    check('halves of two times', left.timestamp === right.timestamp, rows);
    check('halves with other seqs', left.seq + 1 === right.seq, rows);
    neverBack('the pair', left.seq);
    pairs += 1;
  }
  const writer = reads % writers;
  const newest = [...store.history(`own/${writer}`, { reverse: true, limit: 3 })];
  const numbers = newest.map(({ value }) => Number(value));
  check(
    'a gap',
    numbers.every((number, i) => number === numbers[0] - i),
    numbers,
  );
  if (numbers.length > 0) neverBack(`own/${writer}`, numbers[0]);
  reads += 1;
}

let store = await open(directory, { create: false });
say('reading');
while (!stdin.readableEnded) {
  look(store);
  if (reopens) {
    await store.close();
    store = await open(directory, { create: false });
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
}
look(store);
await store.close();
answer({ reads, pairs, faults });
