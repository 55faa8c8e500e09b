import type { Operation } from '../index.js';
import { versionJson } from './shapes.js';
import type { StoreAccess } from './store-access.js';

/**
 * The JSON of the version that an operation has written. Its seq is looked up; it is null where
 * another write has replaced the version since.
 */
export async function writtenJson(
  store: StoreAccess,
  written: Operation<Buffer> & { timestamp: number },
): Promise<Record<string, unknown>> {
  const { key, timestamp } = written;
  const value = written.type === 'set' ? written.value : undefined;
  const state = written.type === 'set' ? 'value' : 'deleted';
  for await (const found of store.history(key, { from: timestamp, to: timestamp })) {
    const isSame = value === undefined || found.value?.equals(value) === true;
    if (found.state === state && isSame) return versionJson(found, store.unit, store.now());
  }
  const version = { key, timestamp, value, state, seq: 0 } as const;
  return { ...versionJson(version, store.unit, store.now()), seq: null };
}
