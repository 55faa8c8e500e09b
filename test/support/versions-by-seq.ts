/** Everything in a store, in one order: for whoever holds a store as a whole against what it must hold. */
import type { Store } from '../../src/index.js';
import type { Version } from '../../src/options.js';

/** Every version that there is, key by key as its history tells it, in the order of the seqs. */
export function versionsBySeq<V>(store: Pick<Store<V>, 'keys' | 'history'>): Version<V>[] {
  const versions = [...store.keys({ all: true })].flatMap((key) => [...store.history(key)]);
  return versions.sort((a, b) => a.seq - b.seq);
}
