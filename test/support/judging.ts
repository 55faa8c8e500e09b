/** What a judge is given. */
import { Kind } from '../../src/base/entry.js';
import type { Write } from '../../src/engine/judge.js';
import type { Stored } from '../../src/engine/stored.js';

/** A store of which retention has let nothing go. */
export function storedBy(find: Stored['find']): Stored {
  const kept = { markOf: () => -Infinity, keptOf: () => [], marksKeys: false, hasSnapshots: false };
  const none = { firstWriteOf: () => 1, wasLetGo: () => false, snapshotHorizon: -Infinity };
  const isThere: Stored['isThere'] = (key, at) => find(key, at)?.timestamp === at;
  return { find, isThere, timestampsOf: () => [], expired: () => [], ...none, ...kept };
}

export function write(key: string, options: Partial<Omit<Write, 'key'>> = {}): Write {
  return {
    kind: Kind.value,
    key: Buffer.from(key),
    value: Buffer.from('v'),
    at: undefined,
    ttl: undefined,
    expiresAt: undefined,
    onConflict: 'replace',
    maxBump: 1000,
    ifSeq: undefined,
    ...options,
  };
}
