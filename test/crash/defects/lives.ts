/** Defects in the life of a version: expiry, erasure, snapshots. */
import { corpusOf, type Defect, histories } from './defect.js';

const states = corpusOf('sim');

export const defectsOfLives: readonly Defect[] = [
  {
    name: 'what was taken out reads as absent',
    isForLong: true,
    file: 'src/engine/read-time.ts',
    from: 'if (isStub(entry.kind)) throw takenOut(key, entry.timestamp, entry.expiresAt);',
    to: 'if (isStub(entry.kind)) return false;',
    caughtBy: histories,
  },
  {
    name: 'an erasure is dropped while what it hides is left',
    file: 'src/engine/survivors.ts',
    from: 'if (kind !== Kind.markingErasure) return this.#keepsErasures;',
    to: 'if (kind !== Kind.markingErasure) return false;',
    caughtBy: histories,
  },
  {
    name: 'a value goes that a snapshot needs',
    file: 'src/engine/survivors.ts',
    from: '    if (takenOutBy === 0) return true;\n    return this',
    to: '    if (takenOutBy === 0) return true;\n    if (takenOutBy > 0) return false;\n    return this',
    caughtBy: histories,
  },
  {
    name: 'erasures do not reach into snapshots',
    isForLong: true,
    file: 'src/engine/visible-cursor.ts',
    from: 'if (erasesVersion(base.kind)) return false;',
    to: 'if (erasesVersion(base.kind) && base.seq <= this.#seqMax) return false;',
    caughtBy: histories,
  },
  {
    name: 'a snapshot shows what was written later',
    file: 'src/engine/visible-cursor.ts',
    from: ' && base.seq <= this.#seqMax;',
    to: ';',
    caughtBy: histories,
  },
  {
    name: 'an erased history hides what was written after it',
    isForLong: true,
    file: 'src/engine/visible-cursor.ts',
    from: 'base.seq >= this.#below &&',
    to: 'this.#below === 0 &&',
    caughtBy: histories,
  },
  {
    name: 'versions that came late, expired already, are passed by',
    file: 'src/engine/table-traits.ts',
    from: 'return seq < expired.seq && compare',
    to: 'return compare',
    caughtBy: histories,
  },
  {
    name: 'a replaced version is taken out',
    file: 'src/engine/expiry-walk.ts',
    from: 'if (found?.seq !== seq || found.kind !== Kind.value) return undefined;',
    to: 'if (found === undefined) return undefined;',
    caughtBy: histories,
  },
  {
    name: 'the order of expiry is lost by a merge',
    file: 'src/engine/compaction.ts',
    from: 'open(reader.expiries()) ?? []',
    to: '(open(reader.expiries()), [])',
    caughtBy: histories,
  },
  {
    name: 'a snapshot is taken of what is not published yet',
    file: 'src/engine/snapshots.ts',
    from: '  log.makeDurable(tail);\n',
    to: '',
    caughtBy: states,
  },
  {
    name: 'a snapshot is taken of what others have not synced',
    isForLong: true,
    file: 'src/engine/snapshots.ts',
    from: '  log.makeDurable(tail);\n',
    to: '  log.publishAll(tail);\n',
    caughtBy: states,
  },
];
