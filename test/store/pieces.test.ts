/** Answers of many rows are made in pieces: nobody who goes through them may notice. */
import { describe, expect, test } from 'vitest';
import type { Store } from '../../src/store.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const versions = 3000;

/** Two keys whose versions are told apart by their values, in a segment. */
async function filled(): Promise<Store<Buffer>> {
  const store = await openAs<Buffer>(temporaryDirectory(), { codec: 'bytes' });
  const rows = Array.from({ length: versions }, (_, at) =>
    ['a', 'b'].map((key) => ({ key, at, value: Buffer.from(`${key}${at}`) })),
  );
  await store.load(rows.flat());
  await store.compact({ full: true });
  return store;
}

describe('histories', () => {
  test.each([false, true])('gone through side by side stay apart, reverse: %s', async (reverse) => {
    const store = await filled();
    const kept: Buffer[] = [];
    const other = store.history('b', { reverse })[Symbol.iterator]();
    let i = 0;
    for (const { timestamp, value } of store.history('a', { reverse })) {
      const at = reverse ? versions - 1 - i++ : i++;
      expect(`${timestamp}=${String(value)}`).toBe(`${at}=a${at}`);
      const beside = other.next();
      if (beside.done === true) throw new Error('the other history ended too early');
      expect(`${beside.value.timestamp}=${String(beside.value.value)}`).toBe(`${at}=b${at}`);
      kept.push(value!, beside.value.value!);
    }
    expect(i).toBe(versions);
    expect(other.next().done).toBe(true);
    expect(other.next().done).toBe(true);
    // What was handed out is nobody else's memory.
    const places = kept.map((value) => value.toString());
    for (const row of store.scan()) row.value!.fill(0);
    expect(kept.map((value) => value.toString())).toEqual(places);
    await store.close();
  });

  test('end at the limit, and begin anew each time', async () => {
    const store = await filled();
    for (const limit of [0, 1, 7, 8, 9, 25, versions, versions + 1]) {
      const history = store.history('a', { limit });
      for (const _ of [1, 2]) {
        expect(Array.from(history, ({ timestamp }) => timestamp)).toEqual(
          Array.from({ length: Math.min(limit, versions) }, (__, at) => at),
        );
      }
    }
    await store.close();
  });

  test('that are left early, and those at their end, hold no view', async () => {
    const store = await filled();
    for (const { timestamp } of store.history('a')) if (timestamp === 20) break;
    const iterator = store.history('b', { limit: 1 })[Symbol.iterator]();
    expect(iterator.next().done).toBe(false);
    await store.close();
    await expectRefusal('ERR_TIMEKV_CLOSED', () => iterator.next());
  });
});

test('what a codec of one’s own throws comes after the rows before it', async () => {
  const codec = {
    encode: (text: string) => Buffer.from(text),
    decode: (bytes: Buffer) => {
      if (bytes.toString() === '20') throw new RangeError('no twenties');
      return bytes.toString();
    },
  };
  const store = await openAs<string>(temporaryDirectory(), { codec });
  await store.load(Array.from({ length: 50 }, (_, at) => ({ key: 'k', at, value: String(at) })));
  const seen: number[] = [];
  expect(() => {
    for (const { timestamp } of store.history('k')) seen.push(timestamp);
  }).toThrow('no twenties');
  expect(seen).toEqual(Array.from({ length: 20 }, (_, at) => at));
  await store.close();
});

test('a codec of one’s own may read the store while it decodes', async () => {
  const decode = (bytes: Buffer): string => {
    const text = bytes.toString();
    return text.startsWith('see ') ? `${text}: ${store.get(text.slice(4), 1) ?? ''}` : text;
  };
  const codec = { encode: (text: string) => Buffer.from(text), decode };
  const store = await openAs<string>(temporaryDirectory(), { codec });
  await store.set('b', 'old', 1);
  for (let at = 1; at <= 20; at++) await store.set('a', 'see b', 10 * at);
  await store.compact({ full: true });
  expect(store.version('a', 105)).toMatchObject({ timestamp: 100, seq: 11, value: 'see b: old' });
  expect(store.get('a', 105)).toBe('see b: old');
  const rows = Array.from(store.history('a'), ({ timestamp, value }) => `${timestamp} ${value}`);
  expect(rows).toEqual(Array.from({ length: 20 }, (_, i) => `${10 * (i + 1)} see b: old`));
  expect(Array.from(store.scan(), ({ value }) => value)).toEqual(['see b: old', 'old']);
  await store.close();
});
