/** Defects in what retention lets go, and in what it says of that. */
import { corpusOf, type Defect, histories } from './defect.js';

const states = corpusOf('sim');

export const defectsOfRetention: readonly Defect[] = [
  {
    name: 'the version at the horizon is dropped',
    file: 'src/engine/trimming.ts',
    from: "return kind === Kind.tombstone && mayGo ? 'goes' : 'stays';",
    to: "return mayGo ? 'goes' : 'stays';",
    caughtBy: histories,
  },
  {
    name: 'what is held for a snapshot shows through',
    file: 'src/engine/trimming.ts',
    from: 'const mayGo = this.#retention.isWhole && !this.#hasSnapshots;',
    to: 'const mayGo = this.#retention.isWhole;',
    caughtBy: histories,
  },
  {
    name: 'what a snapshot can see is let go',
    file: 'src/engine/trimming.ts',
    from: "const ifHeld = this.#hasSnapshots && seq <= this.#lastSnapshot ? 'stays' : 'goes';",
    to: "const ifHeld: Verdict = this.#hasSnapshots && seq < this.#lastSnapshot ? 'goes' : 'goes';",
    caughtBy: histories,
  },
  {
    name: 'no mark is left where versions are counted',
    file: 'src/engine/trimming.ts',
    from: "return 'becomes a mark';",
    to: "return 'goes';",
    caughtBy: histories,
  },
  {
    name: 'a mark is lost by the next merge',
    file: 'src/engine/trimming.ts',
    from: "      this.#isCut = true;\n      return 'stays';",
    to: "      this.#isCut = true;\n      return 'goes';",
    caughtBy: histories,
  },
  {
    name: 'a version is counted that another one has replaced',
    file: 'src/engine/trimming.ts',
    from: '    if (isReplaced) {',
    to: '    if (isReplaced && timestamp <= horizon) {',
    caughtBy: histories,
  },
  {
    name: 'the horizon is moved in the middle of a log',
    file: 'src/engine/retention.ts',
    from: '  files.log.rotate(tail);\n  if (isSame) return;',
    to: '  if (isSame) return;',
    caughtBy: histories,
  },
  {
    name: 'the horizon moves back',
    file: 'src/engine/policy.ts',
    from: 'return horizon < -timestampMax ? before : Math.max(before, horizon);',
    to: 'return horizon < -timestampMax ? before : horizon;',
    caughtBy: histories,
  },
  {
    name: 'a writer does not look at the horizon',
    file: 'src/engine/judge.ts',
    from: '    requireSinceHorizon(at, this.#horizon);\n',
    to: '',
    caughtBy: histories,
  },
  {
    name: 'a writer does not look at the marks',
    file: 'src/engine/judge.ts',
    from: '    requireSinceMark(key, at, first ?? mark + 1);\n',
    to: '    void first;\n',
    caughtBy: histories,
  },
  {
    name: 'a get does not look at the marks',
    file: 'src/engine/view.ts',
    from: 'if (!this.hasMarks || this.#liesBehindNoMark(found)) return found;',
    to: 'if (!this.hasMarks || found !== undefined) return found;',
    caughtBy: histories,
  },
  {
    name: 'a version at the horizon is erased without a mark',
    file: 'src/engine/judge.ts',
    from: '    this.#hasMarked = true;\n    return Kind.markingErasure;',
    to: '    return Kind.erasure;',
    caughtBy: histories,
  },
  {
    name: 'a scan shows what is held for a snapshot',
    file: 'src/engine/visible-cursor.ts',
    from: 'return timestamp < this.#beginning;',
    to: 'return timestamp < this.#beginning && this.#seqMax !== Infinity;',
    caughtBy: histories,
  },
  {
    name: 'a snapshot is not looked for that was taken while history is let go',
    file: 'src/engine/compaction.ts',
    from: 'if (rules.retention !== undefined) unknown',
    to: 'if (rules.retention !== undefined && inputs.length < 0) unknown',
    caughtBy: states,
  },
  {
    name: 'writers are not told that keys have marks',
    file: 'src/engine/retention.ts',
    from: 'const marksKeys = policy.keepVersions === undefined ? row.marksKeys : 1;',
    to: 'const { marksKeys } = row;',
    caughtBy: histories,
  },
];
