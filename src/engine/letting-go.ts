/** What a policy would let go, told before it is done: the same rules, and nothing is written. */
import { copyOf, noBytes } from '../base/bytes.js';
import { compareKeys } from '../base/entry.js';
import type { EntryAt } from '../base/entry-at.js';
import { MergeCursor } from '../base/merge.js';
import { Slices } from '../base/slices.js';
import type { SegmentCursor } from '../segment/segment-cursor.js';
import { type LetGo, nothingLetGo } from './policy.js';
import { Survivors } from './survivors.js';
import type { Retention } from './trimming.js';
import type { View } from './view.js';

/**
 * @param view must be held meanwhile
 * @param snapshots the last seqs of named snapshots
 */
export async function countLetGo(
  view: View,
  retention: Retention,
  snapshots: readonly number[],
): Promise<LetGo> {
  const count = new Count();
  const opened: SegmentCursor[] = [];
  const slices = new Slices();
  try {
    for (const segment of view.segments) opened.push(segment.reader().cursor());
    const tables = view.memtables.map((table) => table.cursor(view.seq));
    const all = new MergeCursor([...tables, ...opened]);
    all.first();
    const rules = { keepsErasures: true, expired: [], snapshots, retention };
    const rows = new Survivors(all, rules, (entry) => {
      count.add(entry);
    });
    for (; rows.valid; rows.next()) if (slices.isOver) await slices.next();
  } finally {
    for (const cursor of opened) cursor.close();
  }
  return count.letGo;
}

class Count {
  readonly letGo: LetGo = { ...nothingLetGo };
  #key = noBytes;

  add(entry: EntryAt): void {
    const { key } = entry;
    if (compareKeys(key, this.#key) !== 0) {
      this.#key = copyOf(key);
      this.letGo.keys++;
    }
    this.letGo.versions++;
    this.letGo.bytes += key.length + entry.value().length;
  }
}
