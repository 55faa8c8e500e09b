// Reads and writes a few keys for a while, as one of several processes that do, and writes down what
// it asked when and what it was told: a history for test/crash/support/history-check.ts.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { open } from '../../../dist/bundle/src/index.js';
import { answer, say } from './answer.mjs';
import { random } from './random.mjs';

const { directory, role, name, seed, base, seconds, to } = JSON.parse(process.argv[2]);

// Keys whose versions pile up, and keys of one version that is replaced each time.
const groups = [
  ['now/a', 'now/b', 'now/c'],
  ['fixed/a', 'fixed/b', 'fixed/c'],
];
const keys = groups.flat();
const options = { memory: 8 * 2 ** 20, busyTimeout: 60_000 };
const begun = BigInt(base);
// CLOCK_MONOTONIC, which all processes have in common; nanoseconds.
const clock = () => Number(process.hrtime.bigint() - begun);
const ruleEight = 1e6;

const { next, below, pick } = random(seed);
const history = { commits: [], refusals: [], reads: [], faults: [] };
let unrefreshed = 0;
let written = 0;
let store;

function operation(key, ifSeq) {
  const at = key.startsWith('fixed/') ? 1 : undefined;
  if (ifSeq === undefined && below(6) === 0) return { type: 'delete', key, at };
  const value = `${name}:${(written += 1)}`;
  return { type: 'set', key, value: value.padEnd(below(5) === 0 ? 3000 : 0, '.'), at, ifSeq };
}

async function commit(operations) {
  const start = clock();
  try {
    const { firstSeq } = await store.commit(operations);
    const writes = operations.map(({ key, value, ifSeq }) => ({ key, value, ifSeq }));
    history.commits.push({ first: firstSeq, writes, start, end: clock() });
  } catch (error) {
    const [{ key, ifSeq }] = operations;
    if (error.code === 'ERR_TIMEKV_CONFLICT' && ifSeq !== undefined) {
      history.refusals.push({ key, ifSeq, start, end: clock() });
    } else {
      history.faults.push(String(error.stack));
    }
  }
}

// A whole group, so that half a batch would be seen.
const batch = () => commit(pick(groups).map((key) => operation(key)));

const ways = {
  get(key) {
    return [{ key, value: store.get(key) }];
  },
  version(key) {
    const found = store.version(key);
    return [{ key, value: found?.value, seq: found?.seq }];
  },
  history(key) {
    const [newest] = store.history(key, { reverse: true, limit: 1 });
    return [{ key, value: newest?.value, seq: newest?.seq }];
  },
  scan() {
    const found = new Map([...store.scan()].map((version) => [version.key, version]));
    return keys.map((key) => ({ key, value: found.get(key)?.value, seq: found.get(key)?.seq }));
  },
};

// With refresh() everything that ended before must be seen; without it, what ended before this turn
// of the event loop or more than 1 ms ago.
async function read(how = pick(Object.keys(ways))) {
  let owed = clock();
  if (below(2) === 0) {
    store.refresh();
  } else {
    await new Promise((resolve) => setImmediate(resolve));
    const turn = clock();
    if (below(4) === 0) while (clock() < turn + 2 * ruleEight);
    owed = Math.max(turn, clock() - ruleEight);
    unrefreshed += 1;
  }
  const seen = ways[how](pick(keys));
  history.reads.push({ how, seen, owed, end: clock() });
  return seen[0];
}

async function compareAndSet() {
  const { key, seq, value } = await read('version');
  if (below(3) === 0) await new Promise((resolve) => setTimeout(resolve, below(4)));
  await commit([operation(key, value === undefined ? 'none' : seq)]);
}

const step = () => {
  const dice = next();
  if (dice < 0.45) return read();
  if (dice < 0.7) return commit([operation(pick(keys))]);
  return dice < 0.85 ? compareAndSet() : batch();
};

const roles = {
  single: step,
  burst: () => Promise.all(Array.from({ length: 2 + below(12) }, step)),
  async reopening() {
    await store.close();
    store = await open(directory, options);
    await step();
  },
  // The real command line, one process after the other.
  command() {
    const key = pick(keys.filter((each) => each.startsWith('now/')));
    const run = (command, ...more) => {
      const own = ['--dir', directory, '--busy-timeout', '60s', '--json'];
      const start = clock();
      const args = ['bin/run.js', command, ...own, key, ...more];
      const done = spawnSync(process.execPath, args, { encoding: 'utf8' });
      if (done.status !== 0 && !(command === 'get' && done.status === 3)) {
        history.faults.push(`timekv ${command} ended with ${done.status}: ${done.stderr}`);
        return;
      }
      const { value, seq } = done.status === 3 ? {} : JSON.parse(done.stdout);
      if (command === 'get') {
        history.reads.push({
          how: 'timekv get',
          seen: [{ key, value, seq }],
          owed: start,
          end: clock(),
        });
      } else {
        const [wanted] = more;
        history.commits.push({ first: seq, writes: [{ key, value: wanted }], start, end: clock() });
      }
    };
    if (below(3) === 0) run('get');
    else if (below(4) === 0) run('delete');
    else run('set', `${name}:${(written += 1)}`);
  },
};

store = await open(directory, options);
say('ready');
const ends = clock() + seconds * 1e9;
while (clock() < ends) {
  await roles[role]();
  await new Promise((resolve) => setTimeout(resolve, below(5)));
}
await store.close();
writeFileSync(to, JSON.stringify(history));
answer({ unrefreshed });
