/**
 * A disk in memory that several "processes" use at once, and that can lose power. It is as unkind as
 * a real one may be: of what was not synced, each 4 KiB block of a file, its size and each name in a
 * directory is kept or lost on its own. After a failed sync the blocks count as written, although
 * they are not, and only descriptors that were open at the time are told, once each (as on Linux).
 */
import { dirname } from 'node:path';
import type { Descriptor, FileSystem } from '../../src/disk/file-system.js';

const blockBytes = 4096;

/** Where the files lie. */
const directory = '/store';

/** Thrown by every call of a process that has been killed. */
export class Killed extends Error {
  override readonly message = 'killed';
}

export function systemError(code: string, path = ''): Error {
  return Object.assign(new Error(`${code}: simulated`), { code, path });
}

function resized(bytes: Buffer, length: number): Buffer {
  const next = Buffer.alloc(length);
  bytes.copy(next);
  return next;
}

class Inode {
  bytes: Buffer = Buffer.alloc(0);
  durable: Buffer = Buffer.alloc(0);
  /** Blocks that differ from what was last synced. */
  readonly dirty = new Set<number>();
  /** Every size since the last sync; the disk may have kept any of them. */
  sizes: number[] = [];

  write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    if (end > this.bytes.length) this.resize(end);
    this.bytes.set(bytes, position);
    this.#touch(position, end);
  }

  resize(length: number): void {
    const before = this.bytes.length;
    this.bytes = resized(this.bytes, length);
    this.sizes.push(length);
    this.#touch(Math.min(before, length), Math.max(before, length));
  }

  sync(): void {
    this.durable = this.#asOnDisk(this.bytes.length);
    this.dirty.clear();
    this.sizes = [];
  }

  /** The writeback fails: the blocks count as clean and are not on the disk. */
  loseDirtyBlocks(): void {
    this.dirty.clear();
  }

  losePower(keeps: () => boolean, pick: (sizes: number[]) => number): void {
    for (const block of this.dirty) if (!keeps()) this.dirty.delete(block);
    this.durable = this.#asOnDisk(pick([this.durable.length, ...this.sizes]));
    this.bytes = Buffer.from(this.durable);
    this.dirty.clear();
    this.sizes = [];
  }

  /** What the disk has once the dirty blocks are written. */
  #asOnDisk(size: number): Buffer {
    const next = size === this.durable.length ? this.durable : resized(this.durable, size);
    for (const block of this.dirty) {
      const start = block * blockBytes;
      const now = this.bytes.subarray(start, start + blockBytes);
      next
        .subarray(start, start + blockBytes)
        .fill(0)
        .set(now.subarray(0, Math.max(0, size - start)));
    }
    return next;
  }

  #touch(from: number, to: number): void {
    for (let at = Math.floor(from / blockBytes); at * blockBytes < to; at++) this.dirty.add(at);
  }
}

interface Opened {
  inode: Inode;
  path: string;
  /** A writeback failed since the file was opened: the next sync says so. */
  mustReport: boolean;
}

export class SimulatedDisk {
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  readonly opened = new Map<Descriptor, Opened>();
  #descriptors = 2;

  /** The number of the next descriptor, for a file or a directory. */
  open(inode: Inode, path: string): Descriptor {
    this.opened.set(++this.#descriptors, { inode, path, mustReport: false });
    return this.#descriptors;
  }

  inode(path: string): Inode {
    const inode = this.#names.get(path);
    if (inode === undefined) throw systemError('ENOENT', path);
    return inode;
  }

  create(path: string): Inode {
    if (this.#names.has(path)) throw systemError('EEXIST', path);
    const inode = new Inode();
    this.#names.set(path, inode);
    return inode;
  }

  remove(path: string): void {
    this.#names.delete(path);
  }

  has(path: string): boolean {
    return this.#names.has(path);
  }

  list(parent: string): string[] {
    const names = [...this.#names.keys()].filter((path) => dirname(path) === parent);
    return names.map((path) => path.slice(parent.length + 1));
  }

  syncDirectory(parent: string): void {
    for (const path of new Set([...this.#names.keys(), ...this.#durableNames.keys()])) {
      if (dirname(path) !== parent) continue;
      const inode = this.#names.get(path);
      if (inode === undefined) this.#durableNames.delete(path);
      else this.#durableNames.set(path, inode);
    }
  }

  /** What was written since the last sync is lost, and whoever has the file open is told once. */
  failWriteback(inode: Inode): void {
    inode.loseDirtyBlocks();
    for (const opened of this.opened.values()) {
      if (opened.inode === inode) opened.mustReport = true;
    }
  }

  /** Every process must have been killed before. */
  losePower(random: { next(): number }): void {
    const keeps = () => random.next() < 0.5;
    const pick = (sizes: number[]) => sizes[Math.floor(random.next() * sizes.length)] ?? 0;
    for (const path of new Set([...this.#names.keys(), ...this.#durableNames.keys()])) {
      const now = this.#names.get(path);
      const before = this.#durableNames.get(path);
      const kept = now === before || keeps() ? now : before;
      if (kept === undefined) this.#durableNames.delete(path);
      else this.#durableNames.set(path, kept);
    }
    this.#names = new Map(this.#durableNames);
    for (const inode of new Set(this.#names.values())) inode.losePower(keeps, pick);
    this.opened.clear();
  }

  /** All files as they are, for a later `restore`. */
  save(): Map<string, Buffer> {
    return new Map([...this.#names].map(([path, { bytes }]) => [path, Buffer.from(bytes)]));
  }

  restore(saved: ReadonlyMap<string, Buffer>): void {
    this.#names = new Map();
    this.#durableNames = new Map();
    this.opened.clear();
    for (const [path, bytes] of saved) {
      const inode = this.create(path);
      inode.write(bytes, 0);
      inode.sync();
      this.#durableNames.set(path, inode);
    }
  }
}

let processes = 0;

/** One process's door to the disk. */
export class SimulatedFileSystem implements FileSystem {
  /** The directory as this process knows it, so that nothing is shared by a path in memory. */
  readonly root = `${directory}-${++processes}`;
  readonly #disk: SimulatedDisk;
  readonly #own = new Set<Descriptor>();
  isKilled = false;
  /** Called before each operation on files that are open, and changes of names; may throw, or kill. */
  before: ((name: string, path: string, bytes: Uint8Array | undefined) => void) | undefined;
  /** Awaited by asynchronous syncs before they do their work. */
  syncGate: () => Promise<void> = () => Promise.resolve();

  constructor(disk: SimulatedDisk) {
    this.#disk = disk;
  }

  /** Ends the process: its descriptors close, its calls throw. */
  kill(): void {
    this.isKilled = true;
    for (const file of this.#own) this.#disk.opened.delete(file);
    this.#own.clear();
  }

  get openFiles(): number {
    return this.#own.size;
  }

  open(path: string): Descriptor {
    this.#alive();
    const real = this.#real(path);
    return this.#take(this.#disk.open(this.#disk.inode(real), real));
  }

  create(path: string): Descriptor {
    this.#begin('create', path);
    const real = this.#real(path);
    return this.#take(this.#disk.open(this.#disk.create(real), real));
  }

  close(file: Descriptor): void {
    this.#alive();
    if (!this.#own.delete(file)) throw systemError('EBADF');
    this.#disk.opened.delete(file);
  }

  read(...[file, into, offset, length, at]: Parameters<FileSystem['read']>): number {
    const { inode, path } = this.#opened(file);
    this.#begin('read', path);
    const { bytes } = inode;
    const got = bytes.subarray(at, at + length);
    into.set(got, offset);
    return got.length;
  }

  write(file: Descriptor, bytes: Uint8Array, position: number): void {
    const { inode, path } = this.#opened(file);
    this.#begin('write', path, bytes, (part) => {
      inode.write(part, position);
    });
    inode.write(bytes, position);
  }

  syncData(file: Descriptor): void {
    const opened = this.#opened(file);
    this.#begin('syncData', opened.path);
    this.#sync(opened);
  }

  async syncDataAsync(file: Descriptor): Promise<void> {
    const opened = this.#opened(file);
    this.#begin('syncDataAsync', opened.path);
    await this.syncGate();
    this.#alive();
    this.#sync(opened);
  }

  truncate(file: Descriptor, bytes: number): void {
    const { inode, path } = this.#opened(file);
    this.#begin('truncate', path);
    inode.resize(bytes);
  }

  size(file: Descriptor): number {
    this.#alive();
    return this.#opened(file).inode.bytes.length;
  }

  status(path: string) {
    this.#alive();
    if (!this.#disk.has(this.#real(path))) return undefined;
    const bytes = this.#disk.inode(this.#real(path)).bytes.length;
    return { bytes, isDirectory: false, identity: path };
  }

  list(path: string): string[] {
    this.#alive();
    return this.#disk.list(this.#real(path));
  }

  makeDirectory(): void {
    this.#alive();
  }

  syncDirectory(path: string): void {
    this.#begin('syncDirectory', path);
    this.#disk.syncDirectory(this.#real(path));
  }

  remove(path: string): void {
    this.#begin('remove', path);
    this.#disk.remove(this.#real(path));
  }

  makePrivate(): void {
    this.#alive();
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

  #real(path: string): string {
    return path.replace(this.root, directory);
  }

  #take(file: Descriptor): Descriptor {
    this.#own.add(file);
    return file;
  }

  #opened(file: Descriptor): Opened {
    this.#alive();
    const opened = this.#disk.opened.get(file);
    if (opened === undefined || !this.#own.has(file)) throw systemError('EBADF');
    return opened;
  }

  #sync(opened: Opened): void {
    if (opened.mustReport) {
      opened.mustReport = false;
      throw systemError('EIO', opened.path);
    }
    opened.inode.sync();
  }

  #alive(): void {
    if (this.isKilled) throw new Killed();
  }

  /** `torn` writes a part of what was to be written, should the operation fail half way. */
  #begin(name: string, path: string, bytes?: Uint8Array, torn?: (part: Uint8Array) => void): void {
    this.#alive();
    try {
      this.before?.(name, path, bytes);
    } catch (error) {
      const done = error instanceof Error && 'written' in error ? Number(error.written) : 0;
      if (bytes !== undefined && done > 0) torn?.(bytes.subarray(0, done));
      throw error;
    }
  }
}
