/**
 * Processes over one simulated disk: each has the real log and the real commit queue, and shares
 * with the others nothing but the disk and a lock that frees itself when its holder dies.
 */
import type { KernelLock } from '../../src/catalog/lock.js';
import { CommitQueue } from '../../src/engine/commit-queue.js';
import type { Committed } from '../../src/engine/engine.js';
import type { Environment } from '../../src/engine/environment.js';
import type { Batch, Write } from '../../src/engine/judge.js';
import type { LiveFiles } from '../../src/engine/live-files.js';
import { Log } from '../../src/engine/log.js';
import { createFirstWal } from '../../src/engine/new-wal.js';
import { View } from '../../src/engine/view.js';
import { walDirectory, type WalName } from '../../src/disk/names.js';
import { Kind } from '../../src/base/entry.js';
import { nextTurn } from '../../src/base/clock.js';
import { KiB } from '../../src/base/limits.js';
import { SimulatedFileSystem } from './simulated-file-system.js';
import { SimulatedSystem } from './simulated-system.js';

const storeId = '00112233445566778899aabbccddeeff';

/** The machine: a disk with an empty log, a boot, and the lock. */
export class Machine extends SimulatedSystem {
  readonly first: WalName;
  lockHolder: SimulatedProcess | undefined;

  constructor({ hasBootId = true } = {}) {
    super({ hasBootId });
    const fileSystem = new SimulatedFileSystem(this.disk);
    this.first = createFirstWal(this.environment(fileSystem), fileSystem.root, storeId);
    fileSystem.syncDirectory(walDirectory(fileSystem.root));
    fileSystem.kill();
  }
}

/** A log of its own for the process that has this door to the disk. */
export function openLog(
  machine: Machine,
  fileSystem: SimulatedFileSystem,
  isReadOnly = false,
): Log {
  const place = { directory: fileSystem.root, storeId, isReadOnly, walBytesMax: 64 * KiB };
  return Log.open(machine.environment(fileSystem), place, machine.first);
}

export interface ProcessOptions {
  durability?: 'full' | 'process';
  isReadOnly?: boolean;
}

export class SimulatedProcess {
  readonly machine: Machine;
  readonly fileSystem: SimulatedFileSystem;
  readonly log: Log;
  readonly queue: CommitQueue;
  readonly isReadOnly: boolean;
  readonly durability: 'full' | 'process';
  /** Asynchronous syncs that wait to be let through, in order. */
  readonly gates: (() => void)[] = [];
  /** Called right after the lock was given back, in the same turn. */
  released: () => void = () => {};

  private constructor(machine: Machine, options: ProcessOptions, prepared: SimulatedFileSystem) {
    this.machine = machine;
    this.fileSystem = prepared;
    this.isReadOnly = options.isReadOnly ?? false;
    this.durability = options.durability ?? 'full';
    const environment = machine.environment(this.fileSystem);
    this.fileSystem.syncGate = () => new Promise((resolve) => this.gates.push(resolve));
    this.log = openLog(machine, this.fileSystem, this.isReadOnly);
    this.queue = new CommitQueue({
      forWriting: () =>
        Promise.resolve({
          files: this.#files(environment) as unknown as LiveFiles,
          lock: this.#lock as unknown as KernelLock,
        }),
      makeRoom: () => Promise.resolve(),
      rotated: () => undefined,
      durability: this.durability,
      busyTimeoutMs: 5000,
    });
  }

  /** As `DiskEngine.open` does: after a restart of the system the log is settled first. */
  static open(
    machine: Machine,
    options: ProcessOptions = {},
    prepare: (fileSystem: SimulatedFileSystem) => void = () => {},
  ): SimulatedProcess {
    const fileSystem = new SimulatedFileSystem(machine.disk);
    prepare(fileSystem);
    try {
      return SimulatedProcess.#openWith(machine, options, fileSystem);
    } catch (error) {
      fileSystem.kill();
      throw error;
    }
  }

  static #openWith(
    machine: Machine,
    options: ProcessOptions,
    fileSystem: SimulatedFileSystem,
  ): SimulatedProcess {
    const opened = new SimulatedProcess(machine, options, fileSystem);
    if (!opened.isReadOnly && opened.log.needsSettling()) {
      opened.underLock(() => {
        opened.log.settle();
      });
    }
    return opened;
  }

  /** Closes the store and opens it again in the same process. */
  reopen(): SimulatedProcess {
    this.log.close();
    return SimulatedProcess.#openWith(this.machine, this, this.fileSystem);
  }

  /** One write of `value` to the key `k` at its own time. */
  set(value: string, options: Partial<Omit<Write, 'value'>> = {}): Promise<Committed> {
    return this.commit([{ value, ...options }]);
  }

  commit(values: (Partial<Omit<Write, 'value'>> & { value: string })[]): Promise<Committed> {
    const batch: Batch = {
      nowPerWrite: true,
      writes: values.map(({ value, ...options }) => ({
        kind: Kind.value,
        key: Buffer.from('k'),
        at: undefined,
        ttl: undefined,
        expiresAt: undefined,
        onConflict: 'replace',
        maxBump: 1,
        ifSeq: undefined,
        ...options,
        value: Buffer.from(value),
      })),
    };
    return this.queue.submit(batch);
  }

  /** Everything that is committed, by seq. */
  read(): Map<number, string> {
    const { seq } = this.log.refresh();
    const found = new Map<number, string>();
    for (const memtable of this.log.memtables()) {
      const cursor = memtable.cursor(seq);
      for (cursor.first(); cursor.valid; cursor.next()) {
        if (found.has(cursor.seq)) throw new Error(`seq ${cursor.seq} is there twice`);
        found.set(cursor.seq, cursor.value().toString().trimEnd());
      }
    }
    return new Map([...found].sort(([a], [b]) => a - b));
  }

  /** The value of the key `k` as of a time. */
  find(timestamp: number): string | undefined {
    return this.#view(this.log.refresh().seq).find(Buffer.from('k'), timestamp)?.value.toString();
  }

  /** As `DiskEngine` does for a checkpoint. */
  rotate(): Promise<void> {
    return this.queue.alone((log) => {
      const tail = log.catchUp();
      if (tail.ordinal > 0) log.rotate(tail);
    });
  }

  underLock(action: () => void): void {
    if (this.machine.lockHolder !== undefined) throw new Error('the lock is held');
    this.machine.lockHolder = this;
    try {
      action();
    } finally {
      this.machine.lockHolder = undefined;
    }
  }

  kill(): void {
    this.fileSystem.kill();
    if (this.machine.lockHolder === this) this.machine.lockHolder = undefined;
    this.letThrough();
  }

  /** Lets every waiting sync go on. */
  letThrough(): void {
    for (const open of this.gates.splice(0)) open();
  }

  readonly #lock = {
    path: '/write.lock',
    acquire: async () => {
      while (this.machine.lockHolder !== undefined) await nextTurn();
      this.machine.lockHolder = this;
    },
    release: () => {
      if (this.machine.lockHolder === this) this.machine.lockHolder = undefined;
      this.released();
    },
  };

  #view(seq: number): View {
    return new View({
      memtables: this.log.memtables(),
      segments: [],
      seq,
      lastNow: this.log.active.committed().lastNow,
      holes: this.log.holes(),
      horizon: -Infinity,
    });
  }

  #files(environment: Environment) {
    return {
      log: this.log,
      manifest: { settings: { unit: 'us' }, snapshots: [] },
      horizon: -Infinity,
      marksKeys: false,
      catchUp: () => this.log.catchUp(),
      place: { environment },
      view: () => this.#view(this.log.refresh().seq),
      viewOfAll: () => this.#view(Infinity),
      reload: () => {},
      forgetLook: () => {},
    };
  }
}

/** Lets everything that can go on do so. */
export async function settleDown(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await nextTurn();
}
