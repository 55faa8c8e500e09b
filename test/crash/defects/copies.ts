/** Defects in the making of backups, and of stores out of them. */
import { corpusOf, type Defect } from './defect.js';

const states = corpusOf('sim');

export const defectsOfCopies: readonly Defect[] = [
  {
    name: 'the catalog of a backup is committed before its segments have their names',
    isForLong: true,
    file: 'src/engine/store-copy.ts',
    from: '    fileSystem.syncDirectory(segmentDirectory(directory));\n',
    to: '',
    caughtBy: states,
  },
  {
    name: 'what is not finished of a backup has no mark',
    file: 'src/engine/store-copy.ts',
    from: '    if (fileSystem.status(catalogPath(directory)) === undefined) mark(environment, directory);\n',
    to: '',
    caughtBy: states,
  },
  {
    name: 'a newer backup removes what the older one lists before it is there itself',
    isForLong: true,
    file: 'src/engine/store-copy.ts',
    from: '      const wal = await this.#putFiles(there);\n',
    to: '      const wal = await this.#putFiles(there);\n      this.#sweep({ segments: this.#segments, wals: [] });\n',
    caughtBy: states,
  },
];
