import { isDeepStrictEqual } from 'node:util';
import { open, type Store } from '../../src/index.js';
import type { FixtureRow } from './fixture.js';

/**
 * Takes rows through the life of a store. Each part but the last is flushed when it is loaded, so
 * that answers come from the memtable and several segments; then from segments alone, from one
 * segment, and from a store that was opened again. `check` must find the same at each stage.
 */
export async function throughEveryStage(
  directory: string,
  parts: readonly (readonly FixtureRow[])[],
  check: (stage: string, store: Store) => void,
): Promise<void> {
  const store = await open(directory);
  for (const [i, part] of parts.entries()) {
    if (i > 0) await store.snapshot();
    const loaded = await store.load(part);
    if (loaded !== part.length) throw new Error(`${loaded} of ${part.length} rows were loaded`);
  }
  check('loaded', store);
  await store.snapshot();
  check('flushed', store);
  const { segmentsBefore, segmentsAfter } = await store.compact({ full: true });
  if (segmentsBefore < parts.length || segmentsAfter !== 1) {
    throw new Error(`${segmentsBefore} segments became ${segmentsAfter}`);
  }
  check('compacted', store);
  await store.close();

  const again = await open(directory, { create: false });
  check('opened again', again);
  await again.close();
}

/** Cuts the rows of each key into three parts: its first third, its second, its last. */
export function inThirds(rows: readonly FixtureRow[]): FixtureRow[][] {
  const counts = new Map<string, number>();
  for (const { key } of rows) counts.set(key, (counts.get(key) ?? 0) + 1);
  const seen = new Map<string, number>();
  const thirds: FixtureRow[][] = [[], [], []];
  for (const row of rows) {
    const before = seen.get(row.key) ?? 0;
    seen.set(row.key, before + 1);
    thirds[Math.floor((3 * before) / counts.get(row.key)!)]!.push(row);
  }
  return thirds;
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
