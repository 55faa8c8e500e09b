/** What a store was told to keep while its disk was full, and whether it did. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Store, TimekvError } from '../../../src/index.js';
import { openAs } from '../../support/stores.js';
import { versionsBySeq } from '../../support/versions-by-seq.js';

const keys = 10;

/** Every eighth is larger than a step of the zeros that are written ahead. */
function valueOf(i: number): string {
  return `${i}:`.padEnd(i % 8 === 5 ? 40_000 + i : 1 + ((i * 7919) % 3000), 'x');
}

export type Action = 'write' | 'snapshot' | 'compact';

export class Ledger {
  /** What was refused, counted by what was asked for. */
  readonly refused: Record<string, number>;
  #count = 0;

  /** @param refused goes on counting */
  constructor(refused: Record<string, number>) {
    this.refused = refused;
  }

  /** Batches that were acknowledged. */
  get count(): number {
    return this.#count;
  }

  /** Answers false if it was refused, in the one way that is allowed. */
  async try(store: Store, action: Action): Promise<boolean> {
    try {
      if (action === 'write') await this.#write(store);
      else if (action === 'snapshot') await store.snapshot();
      else await store.compact({ full: true });
      return true;
    } catch (error) {
      requireDiskFull(error);
      const what = this.#count === 0 ? 'creations' : plural[action];
      this.refused[what] = (this.refused[what] ?? 0) + 1;
      return false;
    }
  }

  /** What must work, since there is space again. */
  async goOn(store: Store): Promise<void> {
    for (let i = 0; i < 20; i += 1) await this.#write(store);
    await store.snapshot();
    for (let i = 0; i < 20; i += 1) await this.#write(store);
    await store.compact({ full: true });
    this.check(store);
  }

  /** Throws unless exactly what was acknowledged is there, by every way of reading. */
  check(store: Store): void {
    for (let i = 0; i < this.#count; i += 1) {
      if (store.get(`key ${i % keys}`, i) !== valueOf(i)) throw new Error(`${i} reads wrongly`);
    }
    const told = versionsBySeq(store).map(lineOf);
    for (let i = 0; i < Math.max(this.#count * 2, told.length); i += 1) {
      const at = Math.floor(i / 2);
      const expected = { key: i % 2 === 0 ? `key ${at % keys}` : 'pair', value: valueOf(at) };
      if (told[i] === lineOf({ ...expected, seq: i + 1, timestamp: at })) continue;
      throw new Error(`of ${this.#count} batches: ${told[i]?.slice(0, 200)} is not batch ${at}`);
    }
  }

  /** The same from outside: another handle, then what is in the directory once all is tidied up. */
  async checkReopened(directory: string): Promise<void> {
    const store = await openAs<string>(directory, { create: false });
    try {
      this.check(store);
      await store.compact({ full: true });
      const { segments, wal } = await store.stats();
      const logs = wal.files + wal.keptFiles;
      const found = ['segments', 'wal'].map((name) => readdirSync(join(directory, name)).length);
      if (found[0] === segments.count && found[1] === 2 * logs) return;
      throw new Error(`${found.join(' and ')} files for ${segments.count} segments, ${logs} logs`);
    } finally {
      await store.close();
    }
  }

  async #write(store: Store): Promise<void> {
    const at = this.#count;
    const value = valueOf(at);
    const left = { type: 'set', key: `key ${at % keys}`, value, at } as const;
    await store.batch([left, { ...left, key: 'pair' }]);
    this.#count += 1;
  }
}

const plural = { write: 'writes', snapshot: 'snapshots', compact: 'compactions' };

function lineOf(version: {
  seq: number;
  key: string;
  timestamp: number;
  value?: string | undefined;
}) {
  return `${version.seq} ${version.key} ${version.timestamp} ${version.value}`;
}

/** One clear line; what was refused was undone, so nobody may be left in doubt of it. */
function requireDiskFull(error: unknown): void {
  if (!(error instanceof TimekvError)) throw error;
  const { code, message } = error;
  const isClear = /the disk is full|free some space/.test(message) && !message.includes('\n');
  if (code === 'ERR_TIMEKV_IO' && isClear) return;
  throw new Error(`a full disk was told as ${code}: ${message}`, { cause: error });
}
