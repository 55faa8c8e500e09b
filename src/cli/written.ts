import type { Version } from '../index.js';
import { versionJson } from './shapes.js';
import type { StoreAccess } from './store-access.js';

/**
 * The JSON of a version that was just written. Its seq is looked up; it is null where another write
 * has replaced the version since.
 */
export async function writtenJson(
  store: StoreAccess,
  written: Pick<Version<Buffer>, 'key' | 'timestamp' | 'value' | 'state'>,
): Promise<Record<string, unknown>> {
  const { key, timestamp, value, state } = written;
  for await (const found of store.history(key, { from: timestamp, to: timestamp })) {
    const isSame = found.state === state && (value === undefined || found.value?.equals(value));
    if (isSame === true) return versionJson(found, store.unit, store.now());
  }
  const version = versionJson({ ...written, seq: 0 }, store.unit, store.now());
  return { ...version, seq: null };
}
