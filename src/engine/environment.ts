/** The parts of the world that a test may replace. */
import { systemClock, type Clock } from '../base/clock.js';
import { randomIdentity, type NewIdentity } from '../base/identity.js';
import { Catalog, type CatalogDoor } from '../catalog/catalog.js';
import { KernelLock, type LockDoor } from '../catalog/lock.js';
import { watchDirectory, type WatchDirectory } from '../disk/changes.js';
import { nodeFileSystem, type FileSystem } from '../disk/file-system.js';
import { bootIdentity } from '../disk/system.js';
import type { MakeBuilder } from './build-jobs.js';
import { BuilderThread } from './builder-thread.js';

export interface Environment {
  fileSystem: FileSystem;
  /** The files that SQLite opens itself, beside `fileSystem`. */
  openCatalog: (
    path: string,
    access: 'read' | 'write' | 'create',
    busyTimeoutMs: number,
  ) => CatalogDoor;
  openLock: (path: string, busyTimeoutMs: number) => LockDoor;
  /** The wall clock in microseconds since 1970: commit times, and *now* in a `us` store. */
  clock: Clock;
  /** Identifies the run of the kernel; a harness that cuts power without a reboot changes it. */
  bootId: string;
  newIdentity: NewIdentity;
  watchDirectory: WatchDirectory;
  /**
   * Calls back when reads have to look again for what others have committed: after this run of code. A
   * later moment of this turn of the event loop would do (rule 8 of the contract), where no thread of
   * this process writes beside this one.
   */
  whenLookOver: (end: () => void) => void;
  /** Undefined where segments are made in the thread that has the store. */
  makeBuilder: MakeBuilder | undefined;
  /** False: nothing is done a while later. A process that a harness lets die would do it all the same. */
  hasTimers: boolean;
}

/** @param parts what a test replaces */
export function systemEnvironment(parts: Partial<Environment> = {}): Environment {
  return {
    fileSystem: nodeFileSystem,
    openCatalog: (path, access, busyTimeoutMs) => Catalog.open(path, access, busyTimeoutMs),
    openLock: (path, busyTimeoutMs) => KernelLock.open(path, busyTimeoutMs),
    clock: systemClock,
    bootId: parts.bootId ?? bootIdentity(),
    newIdentity: randomIdentity,
    watchDirectory,
    whenLookOver: queueMicrotask,
    // A thread has the real file system.
    makeBuilder:
      parts.fileSystem === undefined
        ? (directory, storeIds) => new BuilderThread(directory, storeIds)
        : undefined,
    hasTimers: true,
    ...parts,
  };
}
