/** What is left of a table in memory when retention has let go what it may. */
import type { Entry } from '../base/entry.js';
import { encodeRecord, recordBytes } from '../wal/record.js';
import { Memtable } from './memtable.js';
import { Survivors } from './survivors.js';
import type { Retention } from './trimming.js';

/**
 * @param snapshots the last seqs of named snapshots
 * @returns a new table, in the order of seqs as the first one was
 */
export function trimmed(
  table: Memtable,
  retention: Retention,
  snapshots: readonly number[],
): Memtable {
  const all = table.cursor(Infinity);
  all.first();
  // Watchers are told of erasures, so they stay.
  const rules = { keepsErasures: true, expired: [], snapshots, retention };
  const left: Entry[] = [];
  for (const rows = new Survivors(all, rules); rows.valid; rows.next()) {
    const { key, timestamp, seq, kind, expiresAt } = rows;
    left.push({ key, timestamp, seq, kind, expiresAt, value: rows.value() });
  }
  left.sort((a, b) => a.seq - b.seq);
  const made = new Memtable(true);
  for (const entry of left) {
    const record = Buffer.allocUnsafe(recordBytes(entry));
    encodeRecord(record, 0, entry);
    made.addFrame(record, entry.seq);
  }
  return made;
}
