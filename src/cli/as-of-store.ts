/** The store as it was, or will be, at one time: what a session sees while `.asof` pins it. */
import { usageError } from './base/cli-error.js';
import type { StoreAccess } from './base/store-access.js';

/** Reads of this store have the given time as their *now*; writes are refused. */
export function asOfStore(store: StoreAccess, at: number, written: string): StoreAccess {
  const refuse = (): Promise<never> => Promise.reject(pinned(written));
  return {
    unit: store.unit,
    now: () => at,
    get: (key, time = at) => store.get(key, time),
    version: (key, time = at) => store.version(key, time),
    history: (key, options) => store.history(key, options),
    scan: (options) => store.scan({ at, ...options }),
    // Every key with a history has one at any time.
    keys: (options) => store.keys(options?.all === true ? options : { at, ...options }),
    diff: (from, to = at, options = {}) => store.diff(from, to, options),
    // What is committed is not of that time; neither is what is waited for.
    watch: (options) => store.watch(options),
    when: (key, time, options) => store.when(key, time, options),
    versions: () => store.versions(),
    stats: () => store.stats(),
    verify: () => store.verify(),
    commit: refuse,
    load: refuse,
    expire: refuse,
    snapshot: refuse,
    snapshots: () => store.snapshots(),
    removeSnapshot: refuse,
    atSnapshot: (name) => store.atSnapshot(name),
    backup: refuse,
    compact: refuse,
    retention: () => store.retention(),
    setRetention: refuse,
    // The session closes the store itself.
    close: () => Promise.resolve(),
  };
}

/** Says that nothing is written while a session is pinned, and how that ends. */
export function pinned(written: string): Error {
  return usageError(`this session reads as of ${written}, and writes nothing; .asof now ends that`);
}
