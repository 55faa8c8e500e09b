import { afterAll, beforeAll, expect, it } from 'vitest';
import { complete } from '../../src/cli/completion.js';
import { open, type Store } from '../../src/index.js';

let store: Store<Buffer>;

beforeAll(async () => {
  store = await open(':memory:', { codec: 'bytes' });
  for (const key of ['user:anna', 'user:bob', 'two words', 'ümläut', '-dash']) {
    await store.set(key, Buffer.from('x'));
  }
  await store.delete('user:bob');
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
  ['get user:anna ', [], ''],
  ['set user:anna us', [], 'us'],
  ['stats u', [], 'u'],
  ['get --default x us', ['user:anna', 'user:bob'], 'us'],
  ['get --default=x user:b', ['user:bob '], 'user:b'],
  ['keys --limit 5 user:b', ['user:bob '], 'user:b'],
  ['set --file f user:b', ['user:bob '], 'user:b'],
  ['get --default us', [], 'get --default us'],
  ['get -- -d', ['"-dash" '], '-d'],
  ['get --d', ['--default '], '--d'],
  ['get --r', [], '--r'],
  ['help ge', ['get '], 'ge'],
  ['help tim', ['time '], 'tim'],
  ['rep', [], 'rep'],
  ['re', ['revert '], 're'],
  ['he', ['help '], 'he'],
  ['nonsense u', [], 'nonsense u'],
  ['.help g', [], 'g'],
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
});
