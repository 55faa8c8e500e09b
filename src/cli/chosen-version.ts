/** Which version of a key `get` means. */
import type { Version } from '../index.js';
import { given, type StoreAccess } from './base/store-access.js';

export interface Choice {
  /** As of this time; undefined: now. */
  at: number | undefined;
  /** The newest version instead, also one of the future. */
  latest: boolean;
  /** So many versions before that one, tombstones counted. */
  back: number;
  /** Only one that is at most so old as of the time of the read, in the store's unit. */
  maxAge: number;
}

/** The version with the value that is meant, if there is one. */
export async function chosenVersion(
  store: StoreAccess,
  key: string,
  { at, latest, back, maxAge }: Choice,
): Promise<Version<Buffer> | undefined> {
  const version =
    back > 0 || latest
      ? await versionBefore(store, key, latest ? undefined : (at ?? store.now()), back)
      : await store.version(key, at);
  if (version?.state !== 'value') return undefined;
  const readAt = at ?? store.now();
  // An older version has had its time; of the newest one it matters whether that is over.
  if (latest && back === 0 && (version.expiresAt ?? Infinity) <= readAt) return undefined;
  return readAt - version.timestamp > maxAge ? undefined : version;
}

/** So many versions before the newest one up to a time, tombstones and expired ones counted. */
async function versionBefore(
  store: StoreAccess,
  key: string,
  to: number | undefined,
  back: number,
): Promise<Version<Buffer> | undefined> {
  let left = back;
  for await (const version of store.history(key, {
    reverse: true,
    limit: back + 1,
    ...given({ to }),
  })) {
    if (left-- === 0) return version;
  }
  return undefined;
}
