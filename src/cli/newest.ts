import type { Version } from '../index.js';
import type { StoreAccess } from './store-access.js';

/** The newest version of a key, future ones too, unless it is a tombstone or has expired by now. */
export async function newestValid(
  store: StoreAccess,
  key: string,
): Promise<Version<Buffer> | undefined> {
  for await (const version of store.history(key, { reverse: true, limit: 1 })) {
    const isValid = version.state === 'value' && (version.expiresAt ?? Infinity) > store.now();
    return isValid ? version : undefined;
  }
  return undefined;
}
