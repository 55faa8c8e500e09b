/** File operations that go wrong: once or for ever, at the Nth of all that processes do. */
import type { SimulatedFileSystem } from '../../support/simulated-file-system.js';
import { systemError } from '../../support/simulated-disk.js';

export const faultKinds = ['EIO', 'ENOSPC', 'EMFILE', 'short write', 'lost pages'] as const;
export type FaultKind = (typeof faultKinds)[number];

export class Faults {
  readonly #kind: FaultKind;
  readonly #nth: number;
  readonly #isForEver: boolean;
  readonly #names: string[] = [];
  #isMended = false;
  /** How many operations went wrong. */
  planted = 0;

  /** @param nth counts from 0 over all processes */
  constructor(kind: FaultKind, nth: number, isForEver: boolean) {
    this.#kind = kind;
    this.#nth = nth;
    this.#isForEver = isForEver;
  }

  /** The numbers of those operations so far that a fault of this kind can meet. */
  concerned(kind: FaultKind): number[] {
    return [...this.#names.keys()].filter((nth) => concerns[kind](this.#names[nth] ?? ''));
  }

  mend(): void {
    this.#isMended = true;
  }

  readonly plant = (fileSystem: SimulatedFileSystem): void => {
    fileSystem.before = (name, path, bytes) => {
      const number = this.#names.push(name) - 1;
      const isDue = this.#isForEver ? number >= this.#nth : number === this.#nth;
      if (!isDue || this.#isMended || !concerns[this.#kind](name)) return;
      this.planted++;
      if (this.#kind === 'lost pages') {
        fileSystem.disk.failWriteback(fileSystem.real(path));
        return; // The sync that comes now is told.
      }
      const written = this.#kind === 'short write' ? Math.floor((bytes?.length ?? 0) / 2) : 0;
      const code = this.#kind === 'short write' ? 'ENOSPC' : this.#kind;
      throw Object.assign(systemError(code, path), { written });
    };
  };
}

/** What can go wrong in such a way. */
const concerns: Readonly<Record<FaultKind, (operation: string) => boolean>> = {
  EIO: () => true,
  ENOSPC: (operation) => ['write', 'create', 'makeDirectory', 'commit'].includes(operation),
  EMFILE: (operation) => ['open', 'create'].includes(operation),
  'short write': (operation) => operation === 'write',
  'lost pages': (operation) => operation.startsWith('syncData'),
};
