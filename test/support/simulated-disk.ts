/**
 * A disk in memory that can lose power. It is as unkind as a real one may be: of what was not synced,
 * each block of a file, its size and each name in a directory is kept or lost on its own. Everything
 * that changes it is an operation, so that a recording of them can be played again up to any point.
 */
import { dirname } from 'node:path';
import { type BegunSync, type Loss, SimulatedFile } from './simulated-file.js';

/** Where the files lie. */
export const storeDirectory = '/store';

/** A file, by the number that it got when it was created. */
export type FileNumber = number;

export type DiskOperation =
  | { name: 'create' | 'makeDirectory' | 'remove' | 'syncDirectory'; path: string }
  | { name: 'link'; path: string; file: FileNumber }
  | { name: 'rename'; path: string; newPath: string }
  | { name: 'write'; file: FileNumber; bytes: Uint8Array; position: number }
  | { name: 'resize'; file: FileNumber; bytes: number }
  | { name: 'sync'; file: FileNumber; begun: BegunSync }
  | { name: 'failWriteback'; file: FileNumber }
  /** A transaction of SQLite's: durable at once, whole or not at all. */
  | { name: 'commit'; file: FileNumber; bytes: Buffer };

/** Which names and blocks a power cut takes. */
export interface PowerLoss extends Loss {
  keepsName(): boolean;
}

export function systemError(code: string, path = ''): Error {
  return Object.assign(new Error(`${code}: simulated`), { code, path });
}

/** What a name stands for; a directory has no file of its own. */
type Named = FileNumber | 'directory';

export class SimulatedDisk {
  #files: SimulatedFile[] = [];
  #names = new Map<string, Named>([[storeDirectory, 'directory']]);
  #durableNames = new Map<string, Named>(this.#names);
  /** Every operation since it was set. */
  journal: DiskOperation[] | undefined;
  /** Told of each failed writeback. */
  readonly writebackWatchers = new Set<(file: FileNumber) => void>();

  /** The same files in the same state; nobody has them open, and nothing is recorded. */
  clone(): SimulatedDisk {
    const copy = new SimulatedDisk();
    copy.#files = this.#files.map((file) => file.clone());
    copy.#names = new Map(this.#names);
    copy.#durableNames = new Map(this.#durableNames);
    return copy;
  }

  apply(operation: DiskOperation): void {
    this.journal?.push(lasting(operation));
    switch (operation.name) {
      case 'create':
        this.#names.set(operation.path, this.#files.push(new SimulatedFile()) - 1);
        break;
      case 'makeDirectory':
        this.#names.set(operation.path, 'directory');
        break;
      case 'link':
        this.#names.set(operation.path, operation.file);
        break;
      case 'rename':
        this.#names.set(operation.newPath, this.number(operation.path));
        this.#names.delete(operation.path);
        break;
      case 'remove':
        this.#names.delete(operation.path);
        break;
      case 'syncDirectory':
        this.#syncDirectory(operation.path);
        break;
      case 'write':
        this.file(operation.file).write(operation.bytes, operation.position);
        break;
      case 'resize':
        this.file(operation.file).resize(operation.bytes);
        break;
      case 'sync':
        this.file(operation.file).endSync(operation.begun);
        break;
      case 'failWriteback':
        this.file(operation.file).loseDirtyBlocks();
        for (const tell of this.writebackWatchers) tell(operation.file);
        break;
      case 'commit':
        replace(this.file(operation.file), operation.bytes);
        break;
    }
  }

  file(number: FileNumber): SimulatedFile {
    const file = this.#files[number];
    if (file === undefined) throw new RangeError(`there is no file ${number}`);
    return file;
  }

  /** The file of a path below `storeDirectory`. */
  inode(path: string): SimulatedFile {
    return this.file(this.number(path));
  }

  number(path: string): FileNumber {
    const named = this.#names.get(path);
    if (named === undefined) throw systemError('ENOENT', path);
    if (named === 'directory') throw systemError('EISDIR', path);
    return named;
  }

  /** What was written to a file since the last sync is lost, and the kernel takes it for written. */
  failWriteback(path: string): void {
    this.apply({ name: 'failWriteback', file: this.number(path) });
  }

  has(path: string): boolean {
    return this.#names.has(path);
  }

  isDirectory(path: string): boolean {
    return this.#names.get(path) === 'directory';
  }

  list(parent: string): string[] {
    const names = [...this.#names.keys()].filter((path) => liesIn(path, parent));
    return names.map((path) => path.slice(parent.length + 1));
  }

  /** How many names and files a power cut might change. */
  get unsynced(): number {
    const files = new Set([...this.#names.values()].filter((each) => each !== 'directory'));
    let count = 0;
    for (const number of files) if (this.file(number).isDirty) count++;
    for (const path of this.#bothNames()) {
      if (this.#names.get(path) !== this.#durableNames.get(path)) count++;
    }
    return count;
  }

  /** Every process must have been killed before. */
  losePower(loss: PowerLoss): void {
    for (const path of this.#bothNames()) {
      const now = this.#names.get(path);
      const before = this.#durableNames.get(path);
      const kept = now === before || loss.keepsName() ? now : before;
      if (kept === undefined) this.#durableNames.delete(path);
      else this.#durableNames.set(path, kept);
    }
    this.#names = new Map([...this.#durableNames].filter(([path]) => this.#hasParents(path)));
    this.#durableNames = new Map(this.#names);
    for (const number of new Set(this.#names.values())) {
      if (number !== 'directory') this.file(number).losePower(loss);
    }
  }

  /** Tells one state of what processes see from another. */
  fingerprint(): string {
    const parts = [...this.#names].map(([path, named]) =>
      named === 'directory' ? path : `${path}=${this.file(named).checksum()}`,
    );
    return parts.sort().join();
  }

  /** All files as they are, for a later `restore`. */
  save(): Map<string, Buffer> {
    const files = [...this.#names].filter(([, named]) => named !== 'directory');
    return new Map(files.map(([path]) => [path, this.inode(path).bytes]));
  }

  restore(saved: ReadonlyMap<string, Buffer>): void {
    this.#names = new Map([[storeDirectory, 'directory']]);
    for (const [path, bytes] of saved) {
      this.apply({ name: 'create', path });
      this.inode(path).write(bytes, 0);
      this.inode(path).sync();
    }
    this.#durableNames = new Map(this.#names);
  }

  #bothNames(): Set<string> {
    return new Set([...this.#names.keys(), ...this.#durableNames.keys()]);
  }

  /** False if a directory above it was made, and lost. (Files may lie in one that nobody made.) */
  #hasParents(path: string): boolean {
    for (let above = dirname(path); above.startsWith(storeDirectory); above = dirname(above)) {
      if (this.isDirectory(above) && this.#durableNames.get(above) !== 'directory') return false;
    }
    return true;
  }

  #syncDirectory(parent: string): void {
    for (const [path, named] of this.#names) {
      if (liesIn(path, parent)) this.#durableNames.set(path, named);
    }
    for (const path of this.#durableNames.keys()) {
      if (liesIn(path, parent) && !this.#names.has(path)) this.#durableNames.delete(path);
    }
  }
}

/** The same with bytes of its own: writers use their buffers again. */
function lasting(operation: DiskOperation): DiskOperation {
  if (operation.name !== 'write') return operation;
  return { ...operation, bytes: Buffer.from(operation.bytes) };
}

function replace(file: SimulatedFile, bytes: Buffer): void {
  file.resize(bytes.length);
  file.write(bytes, 0);
  file.sync();
}

/** True of a name right in the directory. */
function liesIn(path: string, parent: string): boolean {
  return path.lastIndexOf('/') === parent.length && path.startsWith(parent);
}

/** Kept or lost by chance, everything on its own. */
export function randomLoss(random: { next(): number }): PowerLoss {
  const keeps = () => random.next() < 0.5;
  return {
    keepsName: keeps,
    keepsBlock: keeps,
    pickSize: (sizes) => sizes[Math.floor(random.next() * sizes.length)] ?? 0,
  };
}
