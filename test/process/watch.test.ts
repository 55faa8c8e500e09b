/**
 * Following across processes: several write at once, one of them is killed, the log is flushed and
 * merged meanwhile. Whoever watches is told of each committed operation once, in order.
 */
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { sleep } from '../../src/base/clock.js';
import { start } from '../support/child.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { first } from '../support/following.js';
import { say } from '../support/say.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { versionsBySeq } from '../support/versions-by-seq.js';

/** Beside one that is killed. */
const writers = 7;
const versionsEach = 14_300;

type Told = [seq: number, key: string, timestamp: number, value: string];

const directory = join(temporaryDirectory('disk'), 'store');
/** What is in the store at the end. */
let all: Told[] = [];
let fromFirst: Told[] = [];
let fromCall: Told[] = [];
let fromMiddle: Told[] = [];
let middle = 0;

beforeAll(async () => {
  const started = performance.now();
  const store = await openAs<string>(directory);
  await store.set('first', 'v');
  const watchers = [start('watch', { directory, since: 0 }), start('watch', { directory })];
  await Promise.all(watchers.map((child) => child.printed('watching')));
  const writing = Array.from({ length: writers }, (_, writer) =>
    start('writer', { directory, writer, versions: versionsEach, burst: 100, every: 3 }),
  );
  const killed = start('acknowledge', { directory, durability: 'full', key: 'killed' });
  await killed.printed('\n49\n');
  killed.process.kill('SIGKILL');
  await store.snapshot();
  middle = (await store.stats()).seq;
  const reopening = start('writer', { directory, writer: 'again', versions: 300, reopens: true });
  const late = start('watch', { directory, since: middle });
  await late.printed('watching');
  const written = Promise.all([...writing, reopening].map((child) => child.answer()));
  while ((await Promise.race([written, sleep(100)])) === undefined) await store.compact();
  await store.set('end', 'v');
  [fromFirst = [], fromCall = [], fromMiddle = []] = await Promise.all(
    [...watchers, late].map((child) => child.answer<Told[]>()),
  );
  all = versionsBySeq(store).map(({ seq, key, timestamp, value = '' }) => [
    seq,
    key,
    timestamp,
    value,
  ]);
  const { keptFiles } = (await store.stats()).wal;
  await store.close();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const operations = all.length.toLocaleString('en-US');
  say(`WATCH: 3 watchers of ${operations} operations over ${keptFiles} kept logs, ${seconds} s`);
}, 120_000);

test('tells everything that was committed, once and in order', () => {
  expect(all.length).toBeGreaterThan(100_000);
  expect(all.map(([seq]) => seq)).toEqual(all.map((_, at) => at + 1));
  expect(fromFirst).toEqual(all);
});

test('begins after the call unless told otherwise', () => {
  expect(fromCall).toEqual(all.slice(1));
});

test('goes on in the middle, in another process and later', async () => {
  expect(middle).toBeGreaterThan(100);
  expect(fromMiddle).toEqual(all.slice(middle));
  const store = await openAs<string>(directory);
  for (const since of [0, middle, all.length - 1]) {
    const told = await first(store.watch({ since }), all.length - since);
    expect(told.map(({ seq }) => seq)).toEqual(all.slice(since).map(([seq]) => seq));
  }
  await store.close();
});

test('refuses what lies before the logs that are kept', async () => {
  const store = await openAs<string>(directory);
  await store.compact({ full: true });
  await store.set('later', 'v');
  for (const since of [0, middle, all.length - 1]) {
    const wait = () => first(store.watch({ since }), 1);
    const { message } = await expectRefusal('ERR_TIMEKV_HISTORY_TRUNCATED', wait);
    expect(message).toMatch(new RegExp(`oldest seq that can be asked for is ${all.length}$`));
  }
  expect(await first(store.watch({ since: all.length }), 1)).toMatchObject([{ key: 'later' }]);
  await store.close();
});
