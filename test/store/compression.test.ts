/** Deflated blocks, as whoever compacts a store sees them. */
import { expect, test } from 'vitest';
import { expectRefusal } from '../support/expect-refusal.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const versions = 20_000;
const valueOf = (i: number): string => `{"sensor":"boiler","state":"on","celsius":${i % 90}}`;

async function filled(): Promise<Awaited<ReturnType<typeof openAs<string>>>> {
  const store = await openAs<string>(temporaryDirectory());
  await store.load(
    Array.from({ length: versions }, (_, i) => ({ key: `k${i % 100}`, at: i, value: valueOf(i) })),
  );
  return store;
}

test('a full compaction deflates what gets smaller, or all of it becomes as it was', async () => {
  const store = await filled();
  const sizes: number[] = [];
  for (const compress of ['off', 'auto', 'auto', 'off', undefined] as const) {
    await store.compact(compress === undefined ? { full: true } : { full: true, compress });
    sizes.push((await store.stats()).segments.bytes);
    for (let i = 0; i < versions; i += 37) expect(store.get(`k${i % 100}`, i)).toBe(valueOf(i));
    expect([...store.history('k7')]).toHaveLength(versions / 100);
  }
  const [off = 0, auto = 0] = sizes;
  expect(auto).toBeLessThan(off / 2);
  expect(sizes).toEqual([off, auto, auto, off, auto]);
  expect(await store.verify()).toMatchObject({ damages: [] });
  await store.close();
});

test('another word than auto and off is refused', async () => {
  const store = await filled();
  await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () =>
    store.compact({ compress: 'zstd' as 'off' }),
  );
  await store.close();
});
