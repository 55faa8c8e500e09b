/**
 * What stands in for SQLite on a simulated disk: the catalog as a file of one JSON text, each change
 * of which is one operation (durable at once, whole or not at all), and locks that die with their
 * process.
 */
import type { CatalogDoor, Change } from '../../src/catalog/catalog.js';
import { sqliteError } from '../../src/catalog/connection.js';
import type { LockDoor } from '../../src/catalog/lock.js';
import {
  emptyLists,
  type Manifest,
  type Settings,
  type WalRow,
} from '../../src/catalog/manifest.js';
import type { SegmentProperties } from '../../src/base/segment-properties.js';
import { nextTurn } from '../../src/base/clock.js';
import { systemCode, TimekvError } from '../../src/base/errors.js';
import { type SimulatedDisk, systemError } from './simulated-disk.js';
import type { Block, SimulatedFile } from './simulated-file.js';
import type { SimulatedFileSystem } from './simulated-file-system.js';

/** What SQLite calls the errors of the system that reach it. */
const sqliteCodes: Readonly<Record<string, string>> = {
  ENOSPC: 'SQLITE_FULL',
  EIO: 'SQLITE_IOERR',
};

export class SimulatedCatalog implements CatalogDoor {
  readonly path: string;
  readonly #fileSystem: SimulatedFileSystem;

  constructor(fileSystem: SimulatedFileSystem, path: string, access: 'read' | 'write' | 'create') {
    fileSystem.alive();
    this.path = path;
    this.#fileSystem = fileSystem;
    if (access === 'create') makeFile(fileSystem, path);
  }

  isInitialised(): boolean {
    return this.#file.size > 0;
  }

  initialise(settings: Settings, wal: WalRow, more: Omit<Change, 'wals'> = {}): void {
    this.#commit({ settings, epoch: 1, segments: [], wals: [wal], ...emptyLists, ...more });
  }

  load(): Manifest {
    this.#fileSystem.alive();
    return manifestIn(this.#file);
  }

  /** Unlike SQLite's it also tells of changes of one's own. */
  dataVersion(): number {
    this.#fileSystem.alive();
    const file = this.#file;
    return file.size === 0 ? 0 : manifestIn(file).epoch;
  }

  update(change: (manifest: Manifest) => Change): Manifest {
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
    expiredKey: row.traits?.expiredTo?.key.toString('latin1'),
  }));
  return Buffer.from(JSON.stringify({ ...manifest, segments }));
}

/** What was decoded before, by its first block: it takes long, and is asked for by most reads. */
const decoded = new WeakMap<
  Block,
  { blocks: readonly Block[]; size: number; manifest: Manifest }
>();

function manifestIn(file: SimulatedFile): Manifest {
  const { blocks, size } = file;
  const [first] = blocks;
  const known = first && decoded.get(first);
  // Blocks never change, so the same ones have the same bytes.
  const isSame = known?.size === size && known.blocks.every((block, at) => block === blocks[at]);
  if (known !== undefined && isSame) return known.manifest;
  const manifest = decode(file.bytes);
  if (first !== undefined) decoded.set(first, { blocks: [...blocks], size, manifest });
  return manifest;
}

/** Frozen, since all processes that look get the same one. */
function decode(bytes: Buffer): Manifest {
  type Stored = Omit<Manifest, 'segments'> & { segments: StoredSegment[] };
  const { segments, ...rest } = JSON.parse(bytes.toString()) as Stored;
  const manifest: Manifest = {
    ...rest,
    segments: segments.map((row) => Object.freeze(segmentOf(row))),
  };
  for (const part of [manifest.settings, manifest.segments, manifest.wals, manifest.losses]) {
    Object.freeze(part);
  }
  for (const row of [...manifest.wals, ...manifest.losses]) Object.freeze(row);
  return Object.freeze(manifest);
}

type StoredSegment = Omit<SegmentProperties, 'minKey' | 'maxKey'> & {
  minKey: string;
  maxKey: string;
  expiredKey?: string;
};

function segmentOf({ expiredKey, ...row }: StoredSegment): SegmentProperties {
  const fromText = (key: string) => Buffer.from(key, 'latin1');
  const place = row.traits?.expiredTo;
  const expiredTo = place && { ...place, key: fromText(expiredKey ?? '') };
  return {
    ...row,
    minKey: fromText(row.minKey),
    maxKey: fromText(row.maxKey),
    traits: row.traits && { ...row.traits, expiredTo },
  };
}

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
