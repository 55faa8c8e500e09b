/**
 * The one narrow door to the disk. Everything that the engine does to a file goes through these
 * calls, so that a test can count, fail, tear or forget any of them. SQLite's files (catalog and
 * locks) are the exception: SQLite opens them itself, and nothing here may ever open them.
 */
import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { systemCode, TimekvError } from '../base/errors.js';
import { createApart } from './apart.js';
import { isRemoving, removeAsync, syncDataAsync } from './slow-calls.js';

export type Descriptor = number;

export interface FileStatus {
  bytes: number;
  isDirectory: boolean;
  /** Device and inode, to recognise the same file again. */
  identity: string;
}

export interface FileSystem {
  /** Opens an existing file. Throws the system's error (ENOENT, EACCES, …). */
  open(path: string, access: 'read' | 'readWrite'): Descriptor;
  /**
   * Creates a file that must not exist yet (EEXIST), for reading and writing, mode 0600.
   * @param apartFrom an open file whose syncs shall not have to write what changes of this one
   */
  create(path: string, apartFrom?: Descriptor): Descriptor;
  close(file: Descriptor): void;
  /** Reads up to `length` bytes at `position`; answers how many, 0 at the end of the file. */
  read(
    file: Descriptor,
    into: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): number;
  /**
   * Writes all bytes at `position` in one call. A short write throws ENOSPC: a later piece failed
   * and the system call's own error was dropped (libuv has already retried partial writes).
   */
  write(file: Descriptor, bytes: Uint8Array, position: number): void;
  /** Blocks until the file's data, and its size, are on disk. */
  syncData(file: Descriptor): void;
  /**
   * The same without blocking the event loop for long.
   * @param bytes written since the file's last sync, or more; a sync of few may be made at once
   */
  syncDataAsync(file: Descriptor, bytes: number): Promise<void>;
  /** True while a sync has to wait for what else is done to the disk, however few bytes it has. */
  syncsMustWait(): boolean;
  truncate(file: Descriptor, bytes: number): void;
  size(file: Descriptor): number;
  /** `undefined` if there is no such path. */
  status(path: string): FileStatus | undefined;
  /** Names in a directory, unordered. */
  list(path: string): string[];
  /** Creates a directory and its missing parents, mode 0700. */
  makeDirectory(path: string): void;
  syncDirectory(path: string): void;
  /** A second name for the same file (link(2)). Throws EXDEV and the like where that cannot be. */
  link(path: string, newPath: string): void;
  /** Gives a file another name. Throws ENOENT if somebody else was quicker. */
  rename(path: string, newPath: string): void;
  /** Removes a file; that it is gone already is no error. */
  remove(path: string): void;
  /** The same without blocking the event loop, as a large file does for as long as a slow sync. */
  removeAsync(path: string): Promise<void>;
  /** Makes a file readable and writable by its owner alone, without opening it. */
  makePrivate(path: string): void;
  /** True if this process may create files in the directory. */
  isWritable(path: string): boolean;
  /** Bytes that this user may still write to the file system of the path. */
  freeBytes(path: string): number;
  /** The type number of the file system of the path, as statfs(2) gives it. */
  type(path: string): number;
}

export const nodeFileSystem: FileSystem = {
  open: (path, access) => fs.openSync(path, access === 'read' ? 'r' : 'r+'),
  create: (path, apartFrom) =>
    apartFrom === undefined ? fs.openSync(path, 'wx+', 0o600) : createApart(path, apartFrom),
  close: (file) => {
    fs.closeSync(file);
  },
  read: (file, into, offset, length, position) => fs.readSync(file, into, offset, length, position),
  write(file, bytes, position) {
    const written = fs.writeSync(file, bytes, 0, bytes.length, position);
    if (written !== bytes.length) {
      throw Object.assign(new Error(`only ${written} of ${bytes.length} bytes could be written`), {
        code: 'ENOSPC',
      });
    }
  },
  syncData: (file) => {
    fs.fdatasyncSync(file);
  },
  syncDataAsync,
  syncsMustWait: isRemoving,
  truncate: (file, bytes) => {
    fs.ftruncateSync(file, bytes);
  },
  size: (file) => fs.fstatSync(file).size,
  status(path) {
    const found = fs.statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    return {
      bytes: found.size,
      isDirectory: found.isDirectory(),
      identity: `${found.dev}:${found.ino}`,
    };
  },
  list: (path) => fs.readdirSync(path),
  makeDirectory,
  syncDirectory(path) {
    const directory = fs.openSync(path, 'r');
    try {
      fs.fsyncSync(directory);
    } finally {
      fs.closeSync(directory);
    }
  },
  link: (path, newPath) => {
    fs.linkSync(path, newPath);
  },
  rename: (path, newPath) => {
    fs.renameSync(path, newPath);
  },
  remove: (path) => {
    fs.rmSync(path, { force: true });
  },
  removeAsync,
  makePrivate: (path) => {
    fs.chmodSync(path, 0o600);
  },
  isWritable(path) {
    try {
      fs.accessSync(path, fs.constants.W_OK | fs.constants.X_OK);
      return true;
    } catch {
      return false;
    }
  },
  freeBytes(path) {
    const status = fs.statfsSync(path);
    return status.bavail * status.bsize;
  },
  type: (path) => fs.statfsSync(path).type,
};

/**
 * Node's own `recursive` never ends where a parent that is there answers ENOENT, as /proc does: here
 * each directory is tried once on the way up, and once on the way down.
 */
function makeDirectory(path: string): void {
  const missing = [];
  for (let wanted = path; !isMade(wanted); wanted = dirname(wanted)) missing.push(wanted);
  for (const wanted of missing.reverse()) makeOne(wanted);
}

/** @returns false if its parent is missing */
function isMade(path: string): boolean {
  try {
    makeOne(path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' && dirname(path) !== path) return false;
    throw error;
  }
}

/** That it is there already is no error. */
function makeOne(path: string): void {
  try {
    fs.mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const isThere = fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    if (!isThere) throw error;
  }
}

/** The nearest directory at or above the path that exists. */
export function nearestExisting(fileSystem: FileSystem, path: string): string {
  let candidate = path;
  while (fileSystem.status(candidate) === undefined && dirname(candidate) !== candidate) {
    candidate = dirname(candidate);
  }
  return candidate;
}

/** True if a write did not fit on the disk, or in what the user may take of it. */
export function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'SQLITE_FULL'].includes(systemCode(error) ?? '');
}

const noPermission = 'permission denied: check the owner and mode of the directory';

/** By the system's code. */
const adviceFor: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space and try again',
  EACCES: noPermission,
  EPERM: noPermission,
  EROFS: noPermission,
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
};

/** Wraps an error of the operating system in one that says what to do about it. */
export function ioError(error: unknown, doing: string, file: string): TimekvError {
  if (error instanceof TimekvError) return error;
  const code = isDiskFull(error) ? 'ENOSPC' : (systemCode(error) ?? '');
  const advice = adviceFor[code] ?? (error instanceof Error ? error.message : String(error));
  return new TimekvError('ERR_TIMEKV_IO', `cannot ${doing} ${file}: ${advice}`, {
    cause: error,
    file,
  });
}
