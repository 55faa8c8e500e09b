import { afterAll, beforeAll, expect, it } from 'vitest';
import { asOfStore } from '../../../src/cli/as-of-store.js';
import {
  complete as completeIn,
  type CompletionContext,
} from '../../../src/cli/repl/completion.js';
import type { StoreAccess } from '../../../src/cli/base/store-access.js';
import { timeContext } from '../../../src/cli/time/time-context.js';
import { open, type Store } from '../../../src/index.js';

let store: Store<Buffer>;

function contextOf(access: StoreAccess): CompletionContext {
  return {
    store: () => Promise.resolve(access),
    times: (opened) => timeContext(opened, 'Europe/Berlin', {}),
  };
}

function complete(line: string, access: StoreAccess) {
  return completeIn(line, contextOf(access));
}

beforeAll(async () => {
  store = await open(':memory:', { codec: 'bytes' });
  for (const key of ['user:anna', 'user:bob', 'two words', 'ümläut', '-dash']) {
    await store.set(key, Buffer.from('x'));
  }
  await store.delete('user:bob');
  for (const time of ['2026-02-28T23:00Z', '2026-03-29T01:30:00.250Z']) {
    await store.set('dated', Buffer.from('x'), new Date(time));
  }
  for (let key = 0; key < 300; key += 1) await store.set(`many${key}`, Buffer.from('x'));
});

afterAll(() => store.close());

it.each<[string, string[], string]>([
  ['ge', ['get '], 'ge'],
  ['s', ['scan', 'set', 'snapshot', 'stats'], 's'],
  ['.f', ['.format '], '.f'],
  ['get us', ['user:anna', 'user:bob'], 'us'],
  ['get user:a', ['user:anna '], 'user:a'],
  ['  history   user:a', ['user:anna '], 'user:a'],
  ['keys user:b', ['user:bob '], 'user:b'],
  ['get --json user:a', ['user:anna '], 'user:a'],
  ['get two', ['"two words" '], 'two'],
  ['get "two w', ['"two words" '], '"two w'],
  ['get ü', ['ümläut '], 'ü'],
  ['get --la', ['--latest '], '--la'],
  ['get user:anna y', ['yesterday '], 'y'],
  ['get user:anna -1', ['-1h', '-1d'], '-1'],
  ['get user:anna -7', ['-7d '], '-7'],
  ['history user:anna --from tom', ['tomorrow '], 'tom'],
  ['scan --at=tod', ['today '], 'tod'],
  ['get --format js', ['json '], 'js'],
  ['get --format=', ['table', 'json', 'ndjson', 'csv', 'tsv'], ''],
  ['keys --start user:a', ['user:anna '], 'user:a'],
  ['get dated 2026-03', ['2026-03-29T03:30:00.25', '2026-03-01'], '2026-03'],
  ['.asof tod', ['today '], 'tod'],
  ['.format n', ['ndjson '], 'n'],
  ['set user:anna us', [], 'us'],
  ['stats u', [], 'u'],
  ['get --default x us', ['user:anna', 'user:bob'], 'us'],
  ['get --default=x user:b', ['user:bob '], 'user:b'],
  ['keys --limit 5 user:b', ['user:bob '], 'user:b'],
  ['set --file f user:b', ['user:bob '], 'user:b'],
  ['get --default us', [], 'us'],
  ['get "user:"a', [], 'get "user:"a'],
  ['get -- -d', ['"-dash" '], '-d'],
  ['get --d', ['--default '], '--d'],
  ['get --r', [], '--r'],
  ['help ge', ['get '], 'ge'],
  ['help tim', ['time '], 'tim'],
  ['rep', [], 'rep'],
  ['rev', ['revert '], 'rev'],
  ['he', ['help '], 'he'],
  ['er', ['erase '], 'er'],
  ['exp', ['expire', 'export'], 'exp'],
  ['erase user:a', ['user:anna '], 'user:a'],
  ['erase dated 2026-03', ['2026-03-29T03:30:00.25', '2026-03-01'], '2026-03'],
  ['erase --a', ['--all '], '--a'],
  ['expire --l', ['--limit '], '--l'],
  ['nonsense u', [], 'nonsense u'],
  ['.help g', ['get '], 'g'],
  ['.timing x', [], 'x'],
])('%j is completed by %j', async (line, candidates, part) => {
  expect(await complete(line, store)).toEqual([candidates, part]);
});

it('an empty line offers every command, and a bounded number of keys', async () => {
  const [commands] = await complete('', store);
  expect(commands).toContain('get');
  expect(commands).toContain('.help');
  expect(commands).not.toContain('init');
  const [keys] = await complete('get many', store);
  expect(keys).toHaveLength(200);
  // The last one is there, so that what all begin with is known.
  expect(keys.slice(-2)).toEqual(['many277', 'many99']);
});

it('reads at most 200 keys, however many there are', async () => {
  let visited = 0;
  const counting = asOfStore(store, store.now(), 'now');
  counting.keys = function* keys(options) {
    for (const key of store.keys(options)) {
      visited += 1;
      yield key;
    }
  };
  const counts: number[] = [];
  for (const line of ['get many', 'keys ', 'get user:', 'get nothing']) {
    visited = 0;
    await complete(line, counting);
    counts.push(visited);
  }
  expect(counts).toEqual([200, 200, 2, 0]);
});

it('keys with blanks in them begin alike, and quotes that are open stay', async () => {
  expect(await complete('get t', store)).toEqual([['"two words" '], 't']);
  await store.set('twofold', Buffer.from('x'));
  expect(await complete('get two', store)).toEqual([['"two words"', '"twofold"'], 'two']);
});

it('a store that fails completes nothing', async () => {
  const failing = asOfStore(store, 0, '0');
  failing.keys = () => {
    throw new Error('damaged');
  };
  expect(await complete('get us', failing)).toEqual([[], 'get us']);
});
