/** What the logs of a flush come to: their entries in order, without those that they erase themselves. */
import type { Cursor } from '../base/cursor.js';
import { MergeCursor } from '../base/merge.js';
import type { Slices } from '../base/slices.js';
import type { FlushOf } from './build-jobs.js';
import type { Memtable } from './memtable.js';
import type { Content } from './segment-build.js';
import { surviving } from './survivors.js';

/**
 * @param tables that have entries of the logs
 * @param unsorted the one of them that has gathered, and is to be put in order
 */
export async function contentOf(
  tables: ReadonlySet<Memtable>,
  unsorted: Memtable,
  { seqs, snapshots }: FlushOf,
  slices: Slices,
): Promise<Content> {
  const memtables = [...tables].filter((table) => table.entries > 0);
  const versions = await inOrder(memtables, unsorted, slices);
  const expiring = memtables.flatMap(({ traits }) => traits.expiries ?? []);
  const unsortedExpiries = unsorted.traits.expiries;
  const expiries =
    expiring.length === 0 ? undefined : await inOrder(expiring, unsortedExpiries, slices);
  if (!memtables.some(({ traits }) => traits.hides)) return { versions, expiries, seqs };
  const expired = memtables.flatMap(({ traits }) => traits.expired ?? []);
  // What they erase may lie in any segment.
  const rules = { keepsErasures: true, expired, snapshots, retention: undefined };
  const sources = { memtables, segments: [], seq: Infinity };
  return { ...surviving({ versions, expiries }, rules, sources), seqs };
}

/** All entries of the tables; the cursor stands on the first. */
async function inOrder(
  tables: readonly Memtable[],
  unsorted: Memtable | undefined,
  slices: Slices,
): Promise<Cursor> {
  const cursors: Cursor[] = [];
  for (const table of tables) {
    const isSorted = table !== unsorted;
    cursors.push(isSorted ? table.cursor(Infinity) : await slices.through(table.sortedCursor()));
  }
  const [only] = cursors;
  const cursor = cursors.length === 1 && only !== undefined ? only : new MergeCursor(cursors);
  cursor.first();
  return cursor;
}
