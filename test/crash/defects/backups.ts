/** Defects in what a backup holds, and in what is made of one. */
import { type Defect, histories } from './defect.js';

export const defectsOfBackups: readonly Defect[] = [
  {
    name: 'a backup takes the place of a later one',
    isForLong: true,
    file: 'src/engine/backup.ts',
    from: 'if (backup.seq > seq) {',
    to: 'if (backup.seq > seq && seq < 0) {',
    caughtBy: histories,
  },
  {
    name: 'a backup of a snapshot has what came later',
    file: 'src/engine/earlier-segments.ts',
    from: 'handles.filter(({ row }) => row.maxSeq <= seqMax)',
    to: 'handles.filter(({ row }) => row.minSeq <= seqMax)',
    caughtBy: histories,
  },
  {
    name: 'what was erased comes back with a backup of a snapshot',
    file: 'src/engine/earlier-entries.ts',
    from: 'if (!isErased(this.#erasing, entry)) return true;',
    to: 'return true;',
    caughtBy: histories,
  },
  {
    name: 'a backup of a snapshot does not know of what was erased since',
    isForLong: true,
    file: 'src/engine/earlier-entries.ts',
    from: 'if (timestamp > horizon) return false;',
    to: 'return false;',
    caughtBy: histories,
  },
  {
    name: 'an erasure in a backup marks its key in every earlier snapshot',
    isForLong: true,
    file: 'src/engine/marks.ts',
    from: "if (cursor.seq <= seqMax && marks !== 'since horizon') return marks === 'all';",
    to: "if (cursor.seq <= seqMax) return marks !== 'none';",
    caughtBy: histories,
  },
  {
    name: 'what was erased comes back with a segment that is shared',
    isForLong: true,
    file: 'src/engine/earlier-segments.ts',
    from: 'if (mayHold(handle, cursor)) whole.delete(handle);',
    to: 'if (cursor.seq < 0 && mayHold(handle, cursor)) whole.delete(handle);',
    caughtBy: histories,
  },
  {
    name: 'a backup cut short stands in the way of the next one',
    file: 'src/engine/store-copy.ts',
    from: 'if (name === undefined || isUnfinished(fileSystem, directory)) return;',
    to: 'if (name === undefined) return;',
    caughtBy: histories,
  },
  {
    name: 'a restored store is taken for the one that was backed up',
    isForLong: true,
    file: 'src/engine/restore.ts',
    from: 'const storeId = environment.newIdentity(16);',
    to: 'const { storeId } = manifest.settings;',
    caughtBy: histories,
  },
  {
    name: 'a restored store gives a now again',
    isForLong: true,
    file: 'src/engine/restore.ts',
    from: 'const { manifest, seq, lastNow, lastCommitTime } = pinned;',
    to: 'const { manifest, seq, lastCommitTime } = pinned;\n    const lastNow = -(2 ** 53);',
    caughtBy: histories,
  },
];
