// One process of a machine whose power will be cut. Says `ready` once it is loaded, waits for a line
// on its stdin, and does its job until it is killed. Whatever it was promised it says on a line:
// `ack N` for its Nth batch, `epoch N` for a state of the catalog, `seen N SEQ VALUE` for
// the Nth thing that it read.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Catalog } from '../../../dist/src/catalog/catalog.js';
import { openWith } from '../../../dist/src/open.js';
import { say } from './answer.mjs';

const { directory, bootId, durability, name, job, burst, large } = JSON.parse(process.argv[2]);

let number = 0;

/** Three keys of one value that tells its own length; every third one large, if asked. */
async function writeBatch(store) {
  const n = number++;
  const padding = large && n % 3 === 0 ? 40_000 + n : (n * 7919) % 300;
  const value = `${name} ${n} ${padding} ${'x'.repeat(padding)}`;
  await store.batch([
    { type: 'set', key: `${name}/left`, value },
    { type: 'set', key: 'shared', value },
    { type: 'set', key: `${name}/right`, value },
  ]);
  say(`ack ${n}`);
}

const writeBurst = (store) => Promise.all(Array.from({ length: burst }, () => writeBatch(store)));

/** What the catalog says is promised once it can be read; reading it syncs nothing. */
function sayEpoch() {
  const catalog = Catalog.open(join(directory, 'catalog.db'), 'read', 1000);
  say(`epoch ${catalog.load().epoch}`);
  catalog.close();
}

const operations = {
  snapshot: (store) => store.snapshot(),
  compact: (store) => store.compact(),
  full: (store) => store.compact({ full: true }),
  write: writeBurst,
  create: writeBatch,
  async rotate(store) {
    await writeBatch(store);
    const logs = () => readdirSync(join(directory, 'wal')).length;
    for (const before = logs(); logs() === before;) await writeBatch(store);
  },
};

/** Does one thing, and nothing more once it has returned. */
async function doOnce(store, operation) {
  if (operation !== 'create') {
    await writeBurst(store);
    await store.snapshot();
    await writeBurst(store);
  }
  await operations[operation](store);
  sayEpoch();
  say('returned');
  await new Promise((resolve) => setTimeout(resolve, 600_000));
}

async function maintain(store) {
  for (let step = 0; ; step += 1) {
    await writeBurst(store);
    await operations[['snapshot', 'compact', 'snapshot', 'full'][step % 4]](store);
    sayEpoch();
  }
}

async function read(store) {
  let looks = 0;
  for (let last = 0; ; await new Promise(setImmediate)) {
    const found = store.version('shared');
    if (found === undefined || found.seq === last) continue;
    last = found.seq;
    say(`seen ${looks++} ${found.seq} ${found.value.split(' ', 2).join(' ')}`);
  }
}

async function work() {
  say('opening');
  const options = { durability, memory: 8 * 1024 * 1024, busyTimeout: 30_000 };
  const store = await openWith(directory, options, { bootId });
  if (job === 'read') await read(store);
  if (job === 'maintain') await maintain(store);
  if (job !== 'write') await doOnce(store, job);
  for (;;) await writeBurst(store);
}

say('ready');
process.stdin.once('end', () => process.exit()); // Whoever started it has gone.
process.stdin.once('data', () => {
  work().catch((error) => {
    say(`refused ${error.code} ${error.message}`);
    process.exit(1);
  });
});
