/** What must be true after harm to a command that keeps moments: all of it is there, or nothing. */
import { join } from 'node:path';
import { open, TimekvError, type OpenOptions, type Store } from '../../../src/index.js';
import { backupName, type Keeping } from './kept-scenarios.js';

/** All that can be read in a store, in its snapshots, and in the backup beside it, in one line. */
type Content = string;

/** What a command finds and leaves when nothing is wrong. */
export interface Contents {
  before: Content;
  after: Content;
}

export interface KeptTold {
  isAcknowledged: boolean;
  /** It may be there all the same. */
  mayBeThere: boolean;
}

/** @param options how to open it; a reader changes nothing */
export async function contentOf(
  directory: string,
  options: OpenOptions = { readOnly: true },
): Promise<Content> {
  const backup = join(directory, '..', backupName);
  return JSON.stringify({
    store: await storeIn(directory, options),
    backup: await storeIn(backup, { readOnly: true }),
  });
}

function backupIn(content: Content): Content {
  return JSON.stringify((JSON.parse(content) as { backup: unknown }).backup);
}

/** @throws unless what is there is whole or not there at all, and all goes on */
export async function checkKept(
  directory: string,
  { before, after }: Contents,
  { isAcknowledged, mayBeThere }: KeptTold,
  { again }: Keeping,
): Promise<void> {
  const allowed = isAcknowledged ? [after] : mayBeThere ? [before, after] : [before];
  const seen = await contentOf(directory);
  requireOneOf(allowed, seen, 'to a reader');
  const settled = await contentOf(directory, {});
  // What that reader was told stays; settling may bring more.
  requireOneOf(seen === after ? [after] : allowed, settled, 'to a writer');
  if (settled !== after) await again(directory);
  requireOneOf([after], await contentOf(directory), 'done again');
  await goOn(directory);
  requireOneOf([backupIn(after)], backupIn(await contentOf(directory)), 'later in the backup');
}

/** After a write that was never made, whatever was told. @returns how the reads went */
export async function checkKeptAfterLie(
  directory: string,
  { before, after }: Contents,
): Promise<'right' | 'reported'> {
  try {
    requireOneOf([before, after], await contentOf(directory), 'to a reader');
    requireOneOf([before, after], await contentOf(directory, {}), 'to a writer');
    return 'right';
  } catch (error) {
    if (error instanceof TimekvError && error.code === 'ERR_TIMEKV_DAMAGED') return 'reported';
    throw error;
  }
}

function requireOneOf(allowed: readonly Content[], found: Content, who: string): void {
  if (allowed.includes(found)) return;
  throw new Error(`${who} there is ${found}, and not ${allowed.join(', or ')}`);
}

/** The store is written to and compacted, and nothing else changes. */
async function goOn(directory: string): Promise<void> {
  const before = await storeIn(directory, { readOnly: true });
  const store = await open(directory, { create: false });
  // Now: a time of its own might lie before the horizon.
  await store.set('next', 'v');
  await store.compact({ full: true });
  await store.close();
  const after = await storeIn(directory, {});
  const versions = after?.versions.filter(({ key }) => key !== 'next') ?? [];
  if (versions.length + 1 !== after?.versions.length) throw new Error('the next write is lost');
  requireOneOf([JSON.stringify(before)], JSON.stringify({ ...after, versions }), 'compacted');
}

interface Found {
  versions: { key: string }[];
  snapshots: unknown[];
}

/** @returns null where there is no store */
async function storeIn(directory: string, options: OpenOptions): Promise<Found | null> {
  const store = await openIfThere(directory, options);
  if (store === null) return null;
  const snapshots = [];
  for (const { name, seq } of await store.snapshots()) {
    const then = await open(directory, { snapshot: name });
    snapshots.push({ name, seq, versions: [...then.versions()] });
    await then.close();
  }
  const versions = [...store.versions()];
  await store.close();
  return { versions, snapshots };
}

async function openIfThere(directory: string, options: OpenOptions): Promise<Store | null> {
  try {
    return await open(directory, { ...options, create: false });
  } catch (error) {
    if (error instanceof TimekvError && error.code === 'ERR_TIMEKV_NO_STORE') return null;
    throw error;
  }
}
