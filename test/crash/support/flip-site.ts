/** Where a damaged store lies: all in memory, but for SQLite's files where those are damaged. */
import { mkdirSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
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

  /** @param sqlite the directory of SQLite's files, where they are what is damaged */
  constructor(store: FlipStore, files: Files, boot: string, sqlite: string | undefined) {
    this.#files = new CopiedFiles(files);
    this.#catalog = new PlainCatalog(store.manifest);
    this.#environment = systemEnvironment({
      fileSystem: this.#files,
      clock: { now: () => readClock },
      bootId: boot,
      ...(sqlite === undefined ? this.#standIns : this.#real(sqlite)),
    });
    if (sqlite === undefined) return;
    mkdirSync(sqlite, { recursive: true });
    for (const left of readdirSync(sqlite)) unlinkSync(join(sqlite, left));
    for (const [path, bytes] of files) {
      if (!path.includes('/')) writeFileSync(join(sqlite, path), bytes);
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
  async verify(): Promise<string[]> {
    const place = { environment: this.#environment, directory: root, busyTimeoutMs: 0 };
    const { damages } = await verifyStore(place);
    return damages.map(({ file }) => file);
  }

  readonly #standIns: Partial<Environment> = {
    openCatalog: (path) => this.#catalog.open(path),
    openLock: freeLock,
  };

  #real(directory: string): Partial<Environment> {
    const real = (path: string) => join(directory, basename(path));
    return {
      openCatalog: (path, access, busyMs) => {
        const { files } = this.#files;
        if (access === 'create' && !files.has(path)) files.set(path, Buffer.alloc(0));
        return Catalog.open(real(path), access, busyMs);
      },
      openLock: (path, busyMs) => KernelLock.open(real(path), busyMs),
    };
  }
}
