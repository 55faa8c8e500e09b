/**
 * Files in memory that begin as those of another map and are copied when they are first written to,
 * so that a store can be had anew thousands of times for nothing. Nothing here is ever lost.
 */
import { dirname } from 'node:path';
import type { Descriptor, FileSystem } from '../../../src/disk/file-system.js';
import { systemError } from '../../support/simulated-disk.js';

/** Where the files lie. */
export const root = '/store';

export class CopiedFiles implements FileSystem {
  /** By path below `root`. */
  readonly files: Map<string, Buffer>;
  readonly #own = new Set<Buffer>();
  readonly #opened = new Map<Descriptor, { path: string }>();
  #descriptors = 2;

  constructor(files: ReadonlyMap<string, Buffer>) {
    this.files = new Map([...files].map(([path, bytes]) => [`${root}/${path}`, bytes]));
  }

  get openFiles(): number {
    return this.#opened.size;
  }

  open(path: string): Descriptor {
    if (!this.files.has(path)) throw systemError('ENOENT', path);
    this.#opened.set(++this.#descriptors, { path });
    return this.#descriptors;
  }

  create(path: string): Descriptor {
    if (this.files.has(path)) throw systemError('EEXIST', path);
    this.files.set(path, Buffer.alloc(0));
    return this.open(path);
  }

  close(file: Descriptor): void {
    if (!this.#opened.delete(file)) throw systemError('EBADF');
  }

  read(...[file, into, offset, length, at]: Parameters<FileSystem['read']>): number {
    const bytes = this.#bytes(file);
    const got = Math.max(0, Math.min(length, bytes.length - at));
    if (got > 0) into.set(got === bytes.length ? bytes : bytes.subarray(at, at + got), offset);
    return got;
  }

  write(file: Descriptor, bytes: Uint8Array, position: number): void {
    this.#mine(file, Math.max(this.size(file), position + bytes.length)).set(bytes, position);
  }

  truncate(file: Descriptor, bytes: number): void {
    this.#mine(file, bytes);
  }

  size(file: Descriptor): number {
    return this.#bytes(file).length;
  }

  syncData(): void {}

  syncDataAsync(): Promise<void> {
    return Promise.resolve();
  }

  syncsMustWait(): boolean {
    return false;
  }

  status(path: string) {
    const file = this.files.get(path);
    if (file !== undefined) return { bytes: file.length, isDirectory: false, identity: path };
    const isDirectory = [...this.files.keys()].some((each) => each.startsWith(`${path}/`));
    return isDirectory ? { bytes: 0, isDirectory, identity: path } : undefined;
  }

  list(path: string): string[] {
    const paths = [...this.files.keys()].filter((each) => dirname(each) === path);
    return paths.map((each) => each.slice(path.length + 1));
  }

  link(path: string, newPath: string): void {
    const bytes = this.files.get(path);
    if (bytes === undefined) throw systemError('ENOENT', path);
    if (this.files.has(newPath)) throw systemError('EEXIST', newPath);
    // Nobody writes to a file that has two names.
    this.files.set(newPath, bytes);
  }

  rename(path: string, newPath: string): void {
    const bytes = this.files.get(path);
    if (bytes === undefined) throw systemError('ENOENT', path);
    this.files.delete(path);
    this.files.set(newPath, bytes);
  }

  remove(path: string): void {
    this.files.delete(path);
  }

  removeAsync(path: string): Promise<void> {
    this.remove(path);
    return Promise.resolve();
  }

  makeDirectory(): void {}
  syncDirectory(): void {}
  makePrivate(): void {}

  isWritable(): boolean {
    return true;
  }

  freeBytes(): number {
    return Infinity;
  }

  type(): number {
    return 0xef53;
  }

  #path(file: Descriptor): string {
    const path = this.#opened.get(file)?.path;
    if (path === undefined) throw systemError('EBADF');
    return path;
  }

  #bytes(file: Descriptor): Buffer {
    const bytes = this.files.get(this.#path(file));
    if (bytes === undefined) throw systemError('EBADF');
    return bytes;
  }

  /** The file's bytes, of this length, which nobody else has. */
  #mine(file: Descriptor, length: number): Buffer {
    const bytes = this.#bytes(file);
    if (bytes.length === length && this.#own.has(bytes)) return bytes;
    const copy = Buffer.alloc(length);
    bytes.copy(copy);
    this.#own.add(copy);
    this.files.set(this.#path(file), copy);
    return copy;
  }
}
