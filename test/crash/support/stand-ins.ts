/** Stand-ins for SQLite where it is not what a test is about: a catalog and locks of one process. */
import { TimekvError } from '../../../src/base/errors.js';
import type { CatalogDoor } from '../../../src/catalog/catalog.js';
import type { LockDoor } from '../../../src/catalog/lock.js';
import type { Manifest } from '../../../src/catalog/manifest.js';

/** The manifest of one store, which outlives the connections to it. */
export class PlainCatalog {
  #manifest: Manifest;
  #dataVersion = 1;

  constructor(manifest: Manifest) {
    this.#manifest = manifest;
  }

  /** A connection to it. */
  open(path: string): CatalogDoor {
    const load = () => this.#manifest;
    return {
      path,
      isInitialised: () => true,
      initialise() {
        throw new Error('it is there already');
      },
      load,
      dataVersion: () => this.#dataVersion,
      update: (change) => {
        const next = { ...load(), ...change(load()), epoch: load().epoch + 1 };
        this.#manifest = next;
        this.#dataVersion++;
        return next;
      },
      whileUnchanged(action) {
        action(load());
      },
      faults: () => [],
      close() {},
    };
  }
}

/** A lock that nobody else wants. */
export function freeLock(path: string): LockDoor {
  return lockThat(path, true);
}

/** A lock that somebody else has for ever. */
export function takenLock(path: string): LockDoor {
  return lockThat(path, false);
}

function lockThat(path: string, isFree: boolean): LockDoor {
  const busy = () => new TimekvError('ERR_TIMEKV_BUSY', `${path} is taken`, { file: path });
  const lock = {
    path,
    isHeld: false,
    tryAcquire() {
      lock.isHeld = isFree;
      return isFree;
    },
    acquire() {
      return lock.tryAcquire() ? Promise.resolve() : Promise.reject(busy());
    },
    release() {
      lock.isHeld = false;
    },
    close() {},
    busy,
  };
  return lock;
}
