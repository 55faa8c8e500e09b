import { open, type Store } from '../../src/index.js';
import { isDeepStrictEqual } from 'node:util';
import type { FixtureRow } from './fixture.js';

/**
 * Takes rows through the life of a store: in the log and memtable, in segments, in one segment,
 * and opened again. `check` must find the same answers at each stage.
 */
export async function throughEveryStage(
  directory: string,
  rows: readonly FixtureRow[],
  check: (stage: string, store: Store) => void,
): Promise<void> {
  const store = await open(directory);
  const loaded = await store.load(rows);
  if (loaded !== rows.length) throw new Error(`${loaded} of ${rows.length} rows were loaded`);
  check('loaded', store);
  await store.snapshot();
  check('flushed', store);
  await store.compact({ full: true });
  check('compacted', store);
  await store.close();

  const again = await open(directory, { create: false });
  check('opened again', again);
  await again.close();
}

/** The keys whose history in the store is not this one. */
export function wrongHistories(
  store: Store,
  histories: Map<string, readonly FixtureRow[]>,
): string[] {
  const wrong: string[] = [];
  for (const [key, expected] of histories) {
    const found = Array.from(store.history(key), ({ value, timestamp }) => ({
      key,
      value,
      at: timestamp,
    }));
    if (!isDeepStrictEqual(found, expected)) wrong.push(key);
  }
  return wrong;
}
