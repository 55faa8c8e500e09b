/** A computer in memory: a disk, the run of its kernel, a clock; and stores opened on it. */
import { textCodec } from '../../src/codecs.js';
import { DiskEngine } from '../../src/engine/disk-engine.js';
import type { EngineOptions } from '../../src/engine/engine-options.js';
import type { Environment } from '../../src/engine/environment.js';
import type { Clock } from '../../src/base/clock.js';
import { KiB } from '../../src/base/limits.js';
import { Store } from '../../src/store.js';
import { type PowerLoss, SimulatedDisk } from './simulated-disk.js';
import { SimulatedFileSystem } from './simulated-file-system.js';
import { SimulatedCatalog, SimulatedLock } from './simulated-sqlite.js';

export class SimulatedSystem {
  readonly disk: SimulatedDisk;
  readonly hasBootId: boolean;
  readonly #clock: Clock;
  boot = 1;
  /** Shared by all copies, so that none gives an identity that another one gave. */
  #given = { identities: 0 };

  /** @param parts the clock goes on by itself unless one is given */
  constructor({
    disk = new SimulatedDisk(),
    hasBootId = true,
    clock = tickingClock(),
  }: { disk?: SimulatedDisk; hasBootId?: boolean; clock?: Clock } = {}) {
    this.disk = disk;
    this.hasBootId = hasBootId;
    this.#clock = clock;
  }

  /** The same computer with another disk in it. */
  with(disk: SimulatedDisk): SimulatedSystem {
    const copy = new SimulatedSystem({ disk, hasBootId: this.hasBootId, clock: this.#clock });
    copy.boot = this.boot;
    copy.#given = this.#given;
    return copy;
  }

  /** Every process must have been killed before. */
  losePower(loss: PowerLoss): void {
    this.disk.losePower(loss);
    this.boot++;
  }

  environment(fileSystem: SimulatedFileSystem): Environment {
    return {
      fileSystem,
      clock: this.#clock,
      bootId: this.hasBootId ? String(this.boot).padStart(32, '0') : '',
      openCatalog: (path, access) => new SimulatedCatalog(fileSystem, path, access),
      openLock: (path) => new SimulatedLock(fileSystem, path),
      watchDirectory: () => undefined,
      whenLookOver: queueMicrotask,
      makeBuilder: undefined,
      hasTimers: false,
      newIdentity: (bytes) => (++this.#given.identities).toString(16).padStart(bytes * 2, '0'),
    };
  }

  /** Opens the store of this computer in a process of its own. */
  open(
    options: Partial<EngineOptions> = {},
    prepare: (fileSystem: SimulatedFileSystem) => void = () => {},
  ): Promise<SimulatedStore> {
    const fileSystem = new SimulatedFileSystem(this.disk);
    prepare(fileSystem);
    return this.openIn(fileSystem, 'data', options);
  }

  /** @param name of the directory beside that of the others */
  async openIn(
    fileSystem: SimulatedFileSystem,
    name: string,
    options: Partial<EngineOptions> = {},
  ): Promise<SimulatedStore> {
    const directory = `${fileSystem.root}/${name}`;
    const environment = this.environment(fileSystem);
    const engine = await DiskEngine.open(environment, directory, { ...defaults, ...options });
    return { fileSystem, engine, store: new Store(engine, textCodec) };
  }
}

/** A microsecond later each time that it is asked. */
function tickingClock(): Clock {
  let time = 1_000_000;
  return { now: () => ++time };
}

export interface SimulatedStore {
  fileSystem: SimulatedFileSystem;
  engine: DiskEngine;
  store: Store;
}

/** So little memory that a log is full after 32 KiB. */
const defaults: EngineOptions = {
  create: true,
  readOnly: false,
  unit: undefined,
  memoryBytes: 256 * KiB,
  durability: 'full',
  busyTimeoutMs: 5000,
  allowRemote: false,
  snapshot: undefined,
};
