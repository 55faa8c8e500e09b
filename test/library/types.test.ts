/** What a TypeScript programmer sees: the compiler of `npm run check` holds all of this to be true. */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, expectTypeOf, test } from 'vitest';
import {
  type Codec,
  type Difference,
  open,
  type Operation,
  type Store,
  type Timed,
  type Timeline,
  MemoryTimeline,
  TimeMap,
  type TimekvError,
  type ErrorCode,
  type Valued,
  type Version,
} from '../../src/index.js';
import type { KeyvTimekv } from '../../src/keyv.js';

interface Price {
  amount: number;
}
const priceCodec: Codec<Price> = {
  encode: ({ amount }) => Buffer.from(String(amount)),
  decode: (bytes) => ({ amount: Number(bytes) }),
};

/** Never called: its types are what is looked at. */
export async function codecsTypeTheStore(): Promise<void> {
  expectTypeOf(await open('data')).toEqualTypeOf<Store>();
  expectTypeOf(await open('data', { codec: 'text' })).toEqualTypeOf<Store>();
  expectTypeOf(await open('data', { codec: 'bytes' })).toEqualTypeOf<Store<Buffer>>();
  expectTypeOf(await open('data', { codec: 'json' })).toEqualTypeOf<Store<unknown>>();
  expectTypeOf(await open<Price>('data', { codec: 'json' })).toEqualTypeOf<Store<Price>>();
  expectTypeOf(await open('data', { codec: priceCodec })).toEqualTypeOf<Store<Price>>();
  // @ts-expect-error -- there is no such codec
  await open('data', { codec: 'xml' });
  // @ts-expect-error -- nor such an option
  await open('data', { readonly: true });
  // @ts-expect-error -- what is opened at a snapshot has a name for it
  await open('data', { snapshot: 1 });
}

/** The same. */
export async function readsAndWrites(store: Store<Price>): Promise<void> {
  expectTypeOf(store.get('k')).toEqualTypeOf<Price | undefined>();
  expectTypeOf(store.getMany(['k'], new Date())).toEqualTypeOf<(Price | undefined)[]>();
  expectTypeOf(store.version('k', 1)).toEqualTypeOf<Version<Price> | undefined>();
  expectTypeOf(store.history('k')).toEqualTypeOf<Iterable<Version<Price>>>();
  expectTypeOf(store.scan()).toEqualTypeOf<Iterable<Version<Price>>>();
  expectTypeOf(store.keys({ all: true })).toEqualTypeOf<Iterable<string>>();
  expectTypeOf(store.diff(1, 2)).toEqualTypeOf<Iterable<Difference<Price>>>();
  expectTypeOf(store.watch()).toEqualTypeOf<AsyncIterable<Version<Price>>>();
  expectTypeOf(store.when('k', 1)).toEqualTypeOf<Promise<Price | undefined>>();
  expectTypeOf(store.set('k', { amount: 1 })).toEqualTypeOf<Promise<number>>();
  expectTypeOf(store.expire()).toEqualTypeOf<Promise<Version<Price>[]>>();
  // @ts-expect-error -- a value of another type
  await store.set('k', 'v');
  // @ts-expect-error -- times are numbers and Dates
  store.get('k', '2026-01-01');
  // @ts-expect-error -- a misspelt choice
  await store.set('k', { amount: 1 }, 1, { onConflict: 'overwrite' });
  // @ts-expect-error -- reads answer at once, so that there is nothing to catch
  void store.get('k').then;
}

/** The same. */
export async function batchesAndCollections(store: Store<Price>): Promise<void> {
  const operations: Operation<Price>[] = [
    { type: 'set', key: 'k', value: { amount: 1 }, at: 1, ttl: 5, ifSeq: 'none' },
    { type: 'delete', key: 'k' },
    { type: 'erase', key: 'k', at: 'all' },
  ];
  expectTypeOf(store.batch(operations)).toEqualTypeOf<Promise<number[]>>();
  // @ts-expect-error -- what is set has a value
  await store.batch([{ type: 'set', key: 'k' }]);
  // @ts-expect-error -- what is erased has a time
  await store.batch([{ type: 'erase', key: 'k' }]);
  const line = store.timeline('k');
  expectTypeOf(line).toEqualTypeOf<Timeline<Price>>();
  expectTypeOf(line.all()).toEqualTypeOf<Iterable<Valued<Price>>>();
  expectTypeOf(line.latest()?.value).toEqualTypeOf<Price | undefined>();
  for (const { value } of line.all()) expectTypeOf(value).toEqualTypeOf<Price>();
  for (const { value } of store.history('k'))
    expectTypeOf(value).toEqualTypeOf<Price | undefined>();
  await using own = store;
  expectTypeOf(own).toEqualTypeOf<Store<Price>>();
}

/** The same. */
export function othersAreTyped(error: TimekvError, adapter: KeyvTimekv): void {
  expectTypeOf(error.code).toEqualTypeOf<ErrorCode>();
  expectTypeOf(error.file).toEqualTypeOf<string | undefined>();
  expectTypeOf(new TimeMap().get('k', 1)).toEqualTypeOf<string>();
  expectTypeOf(new MemoryTimeline<number>().latest()).toEqualTypeOf<Timed<number> | undefined>();
  // @ts-expect-error -- values are of one type
  new MemoryTimeline<number>().add(1, 'x');
  expectTypeOf(adapter.store).toEqualTypeOf<Promise<Store>>();
  // @ts-expect-error -- the list of codes is closed
  if (error.code === 'ERR_TIMEKV_OTHER') throw error;
}

const dist = resolve(import.meta.dirname, '../../dist/src');

/** All declarations that are reached from a file, without their comments. */
function declarations(path: string, seen = new Map<string, string>()): Map<string, string> {
  if (seen.has(path)) return seen;
  const text = readFileSync(path, 'utf8').replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '');
  seen.set(path, text);
  for (const [, from] of text.matchAll(/from '(\.[^']+)\.js'/g)) {
    declarations(join(dirname(path), `${from}.d.ts`), seen);
  }
  return seen;
}

test.each(['index.d.ts', 'keyv.d.ts'])('%s says nowhere that something is any', (entry) => {
  const all = declarations(join(dist, entry));
  expect(all.size).toBeGreaterThan(5);
  const withAny = [...all].filter(([, text]) => /\bany\b/.test(text)).map(([path]) => path);
  expect(withAny).toEqual([]);
});
