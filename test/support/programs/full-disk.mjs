// Writes until a file would grow beyond a limit, then lifts the limit and goes on through the same
// handle. Answers how many batches were acknowledged, and what was not as it should be.
import { spawnSync } from 'node:child_process';
import { open } from '../../../dist/bundle/src/index.js';
import { answer } from './answer.mjs';

const { directory, bytes } = JSON.parse(process.argv[2]);
const faults = [];
let count = 0;

/** The hard limit stays, so that it can be lifted again. */
function limitFiles(limit) {
  const args = ['--pid', String(process.pid), `--fsize=${limit}:unlimited`];
  const { status, stderr } = spawnSync('prlimit', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`prlimit: ${stderr}`);
}

const valueOf = (i) => `${i}:`.padEnd(1 + ((i * 7919) % 30_000), 'x');

async function write(store) {
  const value = valueOf(count);
  await store.batch([
    { type: 'set', key: `key ${count % 10}`, value, at: count },
    { type: 'set', key: 'pair', value, at: count },
  ]);
  count += 1;
}

/** Exactly what was acknowledged must be there. */
function check(store, when) {
  const found = [...store.history('pair')].map(({ value }) => value);
  const isRight = found.length === count && found.every((value, i) => value === valueOf(i));
  if (!isRight) faults.push(`${when}: ${found.length} of ${count} batches, or others`);
  for (let i = 0; i < count; i += 1) {
    if (store.get(`key ${i % 10}`, i) !== valueOf(i)) faults.push(`${when}: batch ${i} is gone`);
  }
}

async function refusal(action) {
  try {
    await action();
    faults.push('the limit was never met');
  } catch ({ code, message }) {
    if (code !== 'ERR_TIMEKV_IO' || message.includes('\n')) faults.push(`${code} ${message}`);
  }
}

process.on('SIGXFSZ', () => undefined); // The kernel's own notice; the write fails as well.
const store = await open(directory);
await write(store);
limitFiles(bytes);
await refusal(async () => {
  for (let i = 0; i < 1000; i += 1) await write(store);
});
check(store, 'at the limit');
await refusal(() => store.batch([{ type: 'set', key: 'large', value: 'x'.repeat(bytes) }]));
check(store, 'still at the limit');
limitFiles('unlimited');
for (let i = 0; i < 20; i += 1) await write(store);
await store.snapshot();
check(store, 'without a limit');
await store.close();
const again = await open(directory);
check(again, 'opened again');
await again.close();
answer({ acknowledged: count, faults: faults.slice(0, 10) });
