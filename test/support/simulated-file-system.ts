/**
 * One process's door to a simulated disk. It can be killed at any operation, or in the middle of one.
 * After a failed writeback the blocks count as written, although they are not, and only descriptors
 * that were open at the time are told, once each (as on Linux).
 */
import type { Descriptor, FileSystem } from '../../src/disk/file-system.js';
import type { BegunSync } from './simulated-file.js';
import {
  type FileNumber,
  type SimulatedDisk,
  storeDirectory,
  systemError,
} from './simulated-disk.js';

/** Thrown by every call of a process that has been killed. */
export class Killed extends Error {
  override readonly message = 'killed';
}

interface Opened {
  file: FileNumber;
  path: string;
  /** A writeback failed since the file was opened: the next sync says so. */
  mustReport: boolean;
}

let processes = 0;

export class SimulatedFileSystem implements FileSystem {
  /** The directory as this process knows it, so that nothing is shared by a path in memory. */
  readonly root = `${storeDirectory}-${++processes}`;
  readonly #disk: SimulatedDisk;
  readonly #opened = new Map<Descriptor, Opened>();
  #descriptors = 2;
  isKilled = false;
  /** Called before each operation on files that are open, and changes of names; may throw, or kill. */
  before: ((name: string, path: string, bytes: Uint8Array | undefined) => void) | undefined;
  /** Awaited by asynchronous syncs before they do their work. */
  syncGate: () => Promise<void> = () => Promise.resolve();

  constructor(disk: SimulatedDisk) {
    this.#disk = disk;
    disk.writebackWatchers.add(this.#noteWriteback);
  }

  /** Ends the process: its descriptors close, its calls throw. */
  kill(): void {
    this.isKilled = true;
    this.#opened.clear();
    this.#disk.writebackWatchers.delete(this.#noteWriteback);
  }

  get openFiles(): number {
    return this.#opened.size;
  }

  open(path: string): Descriptor {
    this.begin('open', path);
    return this.#take(this.real(path));
  }

  create(path: string): Descriptor {
    this.begin('create', path);
    const real = this.real(path);
    if (this.#disk.has(real)) throw systemError('EEXIST', path);
    this.#disk.apply({ name: 'create', path: real });
    return this.#take(real);
  }

  close(file: Descriptor): void {
    this.alive();
    if (!this.#opened.delete(file)) throw systemError('EBADF');
  }

  read(...[descriptor, into, offset, length, at]: Parameters<FileSystem['read']>): number {
    const { file, path } = this.#of(descriptor);
    this.begin('read', path);
    return this.#disk.file(file).read(into, offset, length, at);
  }

  write(descriptor: Descriptor, bytes: Uint8Array, position: number): void {
    const { file, path } = this.#of(descriptor);
    const write = (part: Uint8Array) => {
      this.#disk.apply({ name: 'write', file, bytes: part, position });
    };
    this.begin('write', path, bytes, write);
    write(bytes);
  }

  syncData(descriptor: Descriptor): void {
    const opened = this.#of(descriptor);
    this.begin('syncData', opened.path);
    this.#endSync(opened, this.#disk.file(opened.file).beginSync());
  }

  async syncDataAsync(descriptor: Descriptor): Promise<void> {
    const opened = this.#of(descriptor);
    this.begin('syncDataAsync', opened.path);
    const begun = this.#disk.file(opened.file).beginSync();
    await this.syncGate();
    this.alive();
    this.#endSync(opened, begun);
  }

  syncsMustWait(): boolean {
    return false;
  }

  truncate(descriptor: Descriptor, bytes: number): void {
    const { file, path } = this.#of(descriptor);
    this.begin('truncate', path);
    this.#disk.apply({ name: 'resize', file, bytes });
  }

  size(descriptor: Descriptor): number {
    return this.#disk.file(this.#of(descriptor).file).size;
  }

  status(path: string) {
    this.alive();
    const real = this.real(path);
    if (!this.#disk.has(real)) return undefined;
    const isDirectory = this.#disk.isDirectory(real);
    return { bytes: isDirectory ? 0 : this.#disk.inode(real).size, isDirectory, identity: path };
  }

  list(path: string): string[] {
    this.alive();
    return this.#disk.list(this.real(path));
  }

  makeDirectory(path: string): void {
    const real = this.real(path);
    if (this.#disk.isDirectory(real)) return;
    this.begin('makeDirectory', path);
    this.#disk.apply({ name: 'makeDirectory', path: real });
  }

  syncDirectory(path: string): void {
    this.begin('syncDirectory', path);
    this.#disk.apply({ name: 'syncDirectory', path: this.real(path) });
  }

  link(path: string, newPath: string): void {
    this.begin('link', newPath);
    const real = this.real(newPath);
    if (this.#disk.has(real)) throw systemError('EEXIST', newPath);
    this.#disk.apply({ name: 'link', path: real, file: this.#disk.number(this.real(path)) });
  }

  rename(path: string, newPath: string): void {
    this.begin('rename', newPath);
    const real = this.real(path);
    if (!this.#disk.has(real)) throw systemError('ENOENT', path);
    this.#disk.apply({ name: 'rename', path: real, newPath: this.real(newPath) });
  }

  remove(path: string): void {
    this.begin('remove', path);
    if (this.#disk.has(this.real(path))) {
      this.#disk.apply({ name: 'remove', path: this.real(path) });
    }
  }

  removeAsync(path: string): Promise<void> {
    this.remove(path);
    return Promise.resolve();
  }

  makePrivate(): void {
    this.alive();
  }

  isWritable(): boolean {
    return true;
  }

  freeBytes(): number {
    return Infinity;
  }

  type(): number {
    return 0xef53;
  }

  // Below: for what stands in for SQLite, which has its own way to the same disk.

  get disk(): SimulatedDisk {
    return this.#disk;
  }

  real(path: string): string {
    return path.startsWith(this.root) ? storeDirectory + path.slice(this.root.length) : path;
  }

  alive(): void {
    if (this.isKilled) throw new Killed();
  }

  /** `torn` writes a part of what was to be written, should the operation fail half way. */
  begin(name: string, path: string, bytes?: Uint8Array, torn?: (part: Uint8Array) => void): void {
    this.alive();
    try {
      this.before?.(name, path, bytes);
    } catch (error) {
      const done = error instanceof Error && 'written' in error ? Number(error.written) : 0;
      if (bytes !== undefined && done > 0) torn?.(bytes.subarray(0, done));
      throw error;
    }
  }

  readonly #noteWriteback = (file: FileNumber) => {
    for (const opened of this.#opened.values()) {
      if (opened.file === file) opened.mustReport = true;
    }
  };

  #take(path: string): Descriptor {
    const file = this.#disk.number(path);
    this.#opened.set(++this.#descriptors, { file, path, mustReport: false });
    return this.#descriptors;
  }

  #of(descriptor: Descriptor): Opened {
    this.alive();
    const opened = this.#opened.get(descriptor);
    if (opened === undefined) throw systemError('EBADF');
    return opened;
  }

  #endSync(opened: Opened, begun: BegunSync): void {
    if (opened.mustReport) {
      opened.mustReport = false;
      throw systemError('EIO', opened.path);
    }
    this.#disk.apply({ name: 'sync', file: opened.file, begun });
  }
}
