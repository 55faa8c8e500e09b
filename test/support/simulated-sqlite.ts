/**
 * What stands in for SQLite on a simulated disk: the catalog as a file of one JSON text, each change
 * of which is one operation (durable at once, whole or not at all), and locks that die with their
 * process.
 */
import type { CatalogDoor } from '../../src/catalog/catalog.js';
import { sqliteError } from '../../src/catalog/connection.js';
import type { LockDoor } from '../../src/catalog/lock.js';
import type { Manifest, Settings, WalRow } from '../../src/catalog/manifest.js';
import type { SegmentProperties } from '../../src/base/segment-properties.js';
import { nextTurn } from '../../src/base/clock.js';
import { systemCode, TimekvError } from '../../src/base/errors.js';
import { type SimulatedDisk, systemError } from './simulated-disk.js';
import type { SimulatedFileSystem } from './simulated-file-system.js';

/** What SQLite calls the errors of the system that reach it. */
const sqliteCodes: Readonly<Record<string, string>> = {
  ENOSPC: 'SQLITE_FULL',
  EIO: 'SQLITE_IOERR',
};

export class SimulatedCatalog implements CatalogDoor {
  readonly path: string;
  readonly #fileSystem: SimulatedFileSystem;
  /** What was decoded last: it takes long, and is asked for by most reads. */
  #last: { bytes: Buffer; epoch: number } = { bytes: Buffer.alloc(0), epoch: 0 };

  constructor(fileSystem: SimulatedFileSystem, path: string, access: 'read' | 'write' | 'create') {
    fileSystem.alive();
    this.path = path;
    this.#fileSystem = fileSystem;
    if (access === 'create') makeFile(fileSystem, path);
  }

  isInitialised(): boolean {
    return this.#file.size > 0;
  }

  initialise(settings: Settings, wal: WalRow): void {
    this.#commit({ settings, epoch: 1, segments: [], wals: [wal], losses: [] });
  }

  load(): Manifest {
    this.#fileSystem.alive();
    return decode(this.#file.bytes);
  }

  /** Unlike SQLite's it also tells of changes of one's own. */
  dataVersion(): number {
    this.#fileSystem.alive();
    const { bytes } = this.#file;
    if (bytes.length === 0) return 0;
    if (!bytes.equals(this.#last.bytes)) this.#last = { bytes, epoch: this.load().epoch };
    return this.#last.epoch;
  }

  update(change: (manifest: Manifest) => Pick<Manifest, 'segments' | 'wals'>): Manifest {
    const current = this.load();
    const next = { ...current, ...change(current), epoch: current.epoch + 1 };
    this.#commit(next);
    return next;
  }

  whileUnchanged(action: (manifest: Manifest) => void): void {
    action(this.load());
  }

  faults(): string[] {
    return [];
  }

  close(): void {}

  get #file() {
    const { disk } = this.#fileSystem;
    return disk.inode(this.#fileSystem.real(this.path));
  }

  /** An error may come before the change is on the disk, or (`written`) after it. */
  #commit(manifest: Manifest): void {
    const { disk } = this.#fileSystem;
    const file = disk.number(this.#fileSystem.real(this.path));
    const bytes = encode(manifest);
    const commit = () => {
      disk.apply({ name: 'commit', file, bytes });
    };
    try {
      this.#fileSystem.begin('commit', this.path, bytes, commit);
    } catch (error) {
      const code = sqliteCodes[systemCode(error) ?? ''];
      throw code === undefined ? error : sqliteError(systemError(code), this.path);
    }
    commit();
  }
}

/** JSON, with keys as text of one byte a character. */
function encode(manifest: Manifest): Buffer {
  const segments = manifest.segments.map((row) => ({
    ...row,
    minKey: row.minKey.toString('latin1'),
    maxKey: row.maxKey.toString('latin1'),
  }));
  return Buffer.from(JSON.stringify({ ...manifest, segments }));
}

function decode(bytes: Buffer): Manifest {
  type Stored = Omit<Manifest, 'segments'> & { segments: StoredSegment[] };
  const { segments, ...rest } = JSON.parse(bytes.toString()) as Stored;
  const fromText = (key: string) => Buffer.from(key, 'latin1');
  return {
    ...rest,
    segments: segments.map((row) => ({
      ...row,
      minKey: fromText(row.minKey),
      maxKey: fromText(row.maxKey),
    })),
  };
}

type StoredSegment = Omit<SegmentProperties, 'minKey' | 'maxKey'> & {
  minKey: string;
  maxKey: string;
};

/** Who holds which lock of a disk. */
const holders = new WeakMap<SimulatedDisk, Map<string, SimulatedLock>>();
/** What a waiting process does before it gives up. */
const turnsMax = 1000;

export class SimulatedLock implements LockDoor {
  readonly path: string;
  readonly #fileSystem: SimulatedFileSystem;
  readonly #real: string;
  readonly #holders: Map<string, SimulatedLock>;

  constructor(fileSystem: SimulatedFileSystem, path: string) {
    fileSystem.alive();
    this.path = path;
    this.#fileSystem = fileSystem;
    this.#real = fileSystem.real(path);
    const ofDisk = holders.get(fileSystem.disk) ?? new Map<string, SimulatedLock>();
    holders.set(fileSystem.disk, ofDisk);
    this.#holders = ofDisk;
    makeFile(fileSystem, path);
  }

  get isHeld(): boolean {
    return this.#holders.get(this.#real) === this;
  }

  tryAcquire(): boolean {
    this.#fileSystem.alive();
    const holder = this.#holders.get(this.#real);
    if (holder !== undefined && !holder.#fileSystem.isKilled) return false;
    this.#holders.set(this.#real, this);
    return true;
  }

  async acquire(timeoutMs: number): Promise<void> {
    for (let turn = 0; !this.tryAcquire(); turn++) {
      if (turn === turnsMax) throw this.busy(timeoutMs);
      await nextTurn();
    }
  }

  release(): void {
    if (this.isHeld) this.#holders.delete(this.#real);
  }

  close(): void {
    this.release();
  }

  busy(timeoutMs: number): TimekvError {
    return new TimekvError('ERR_TIMEKV_BUSY', `${this.path} was not free for ${timeoutMs} ms`);
  }
}

function makeFile(fileSystem: SimulatedFileSystem, path: string): void {
  const { disk } = fileSystem;
  const real = fileSystem.real(path);
  if (!disk.has(real)) disk.apply({ name: 'create', path: real });
}
