/** Where a damaged store lies: all in memory, but for those files of SQLite that are damaged. */
import { readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Damage } from '../../../src/base/damage.js';
import { Catalog } from '../../../src/catalog/catalog.js';
import { KernelLock } from '../../../src/catalog/lock.js';
import { maintenanceLockPath } from '../../../src/disk/names.js';
import { type Environment, systemEnvironment } from '../../../src/engine/environment.js';
import { verifyStore } from '../../../src/engine/verify.js';
import { openWith } from '../../../src/open.js';
import type { Store } from '../../../src/store.js';
import { CopiedFiles, root } from './copied-files.js';
import { type Files, type FlipStore, readClock } from './flip-store.js';
import { freeLock, PlainCatalog, takenLock } from './stand-ins.js';

/** A damaged store on a disk of its own, as processes come and go. */
export class Site {
  readonly #files: CopiedFiles;
  readonly #catalog: PlainCatalog;
  readonly #environment: Environment;
  /** Where SQLite's files are real ones, and which: those that are damaged. */
  readonly #sqlite: string;
  readonly #real: ReadonlySet<string>;

  /** @param sqlite a directory for SQLite's files, which only this site uses from now on */
  constructor(store: FlipStore, files: Files, boot: string, sqlite: string) {
    this.#files = new CopiedFiles(files);
    this.#catalog = new PlainCatalog(store.manifest);
    this.#sqlite = sqlite;
    this.#real = damagedDatabases(store.files, files);
    this.#environment = systemEnvironment({
      fileSystem: this.#files,
      clock: { now: () => readClock },
      bootId: boot,
      openCatalog: this.#openCatalog,
      openLock: this.#openLock,
    });
    if (this.#real.size === 0) return;
    for (const left of readdirSync(sqlite)) unlinkSync(join(sqlite, left));
    for (const [path, bytes] of files) {
      if (this.#real.has(databaseOf(path))) writeFileSync(join(sqlite, path), bytes);
    }
  }

  get openFiles(): number {
    return this.#files.openFiles;
  }

  /** The store as a new process sees it. */
  open(options: object, isMaintained: boolean): Promise<Store> {
    const { openLock } = this.#environment;
    const maintenance = maintenanceLockPath(root);
    const unmaintained: Environment['openLock'] = (path, busyMs) =>
      path === maintenance ? takenLock(path) : openLock(path, busyMs);
    const parts = isMaintained
      ? this.#environment
      : { ...this.#environment, openLock: unmaintained };
    return openWith(root, options, parts) as Promise<Store>;
  }

  /** What a check of the whole store names. */
  async verify(): Promise<Damage[]> {
    const place = { environment: this.#environment, directory: root, busyTimeoutMs: 0 };
    const { damages } = await verifyStore(place);
    return damages;
  }

  readonly #openCatalog: Environment['openCatalog'] = (path, access, busyMs) => {
    const name = basename(path);
    if (!this.#real.has(name)) return this.#catalog.open(path);
    const { files } = this.#files;
    if (access === 'create' && !files.has(path)) files.set(path, Buffer.alloc(0));
    return Catalog.open(join(this.#sqlite, name), access, busyMs);
  };

  readonly #openLock: Environment['openLock'] = (path, busyMs) => {
    const name = basename(path);
    return this.#real.has(name)
      ? KernelLock.open(join(this.#sqlite, name), busyMs)
      : freeLock(path);
  };
}

/** Names of SQLite's files that are not as they were, or whose journals are not. */
function damagedDatabases(original: Files, files: Files): Set<string> {
  const databases = new Set<string>();
  for (const [path, bytes] of original) {
    if (!path.includes('/') && files.get(path) !== bytes) databases.add(databaseOf(path));
  }
  return databases;
}

function databaseOf(path: string): string {
  return path.replace(/-journal$/, '');
}
