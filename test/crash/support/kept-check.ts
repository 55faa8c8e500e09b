import type { SimulatedStore, SimulatedSystem } from '../../support/simulated-system.js';
import { labelsOf, readAll } from './labels.js';
import type { StoreOracle } from './store-oracle.js';

/**
 * Holds what is read in each named snapshot against what the store itself holds.
 * @returns what is wrong
 */
export async function keptFault(
  system: SimulatedSystem,
  { fileSystem, engine, store }: SimulatedStore,
  oracle: StoreOracle,
): Promise<string | undefined> {
  const rows = engine.snapshots();
  if (rows.length === 0) return undefined;
  const now = labelsOf(readAll(store));
  for (const { name: snapshot, seq } of rows) {
    const expected = oracle.contentOfSnapshot({ name: snapshot, seq }, now);
    if (expected === undefined) continue;
    const then = await system.openIn(fileSystem, 'data', {
      readOnly: true,
      create: false,
      snapshot,
    });
    const found = [...labelsOf(readAll(then.store))].join();
    await then.store.close();
    const wanted = [...expected].join();
    if (found !== wanted) return `in the snapshot ${snapshot} there is ${found}, and not ${wanted}`;
  }
  return undefined;
}
