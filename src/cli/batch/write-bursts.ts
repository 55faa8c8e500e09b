/**
 * Writes that are committed together, with one sync. One burst is under way at a time, and is
 * written whole or not at all: where a write is refused, nothing behind it has been written.
 */
import type { Operation } from '../../index.js';
import { mayBeWritten, operationOf } from '../base/cli-error.js';
import { type Committed, committedPart } from '../base/store-access.js';

/** What fits into one commit of the store. */
const burstBytesMax = 1024 * 1024;
const burstWritesMax = 1000;

type Commit = (operations: Operation<Buffer>[]) => Promise<Committed>;

interface Waiting {
  operation: Operation<Buffer>;
  bytes: number;
  resolve: (committed: Committed) => void;
  reject: (error: unknown) => void;
}

/** A line that was not begun, since one before it failed. */
export class NotBegun extends Error {
  override readonly name = 'NotBegun';
}

export class WriteBursts {
  readonly #commit: Commit;
  readonly #goesOn: boolean;
  #waiting: Waiting[] = [];
  #isScheduled = false;
  #hasStopped = false;

  /**
   * @param commit writes all or nothing, each as of a moment of its own
   * @param goesOn whether writes are made after one has failed
   */
  constructor(commit: Commit, goesOn: boolean) {
    this.#commit = commit;
    this.#goesOn = goesOn;
  }

  /** Makes the write soon; resolves when it is committed. */
  add(operation: Operation<Buffer>, bytes: number): Promise<Committed> {
    if (this.#hasStopped) return Promise.reject(new NotBegun());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ operation, bytes, resolve, reject });
      if (this.#isScheduled) return;
      this.#isScheduled = true;
      // Lines that have been read already come before the next turn, and join.
      setImmediate(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) await this.#write(this.#take());
    this.#isScheduled = false;
  }

  async #write(burst: readonly Waiting[]): Promise<void> {
    if (burst.length === 0) return;
    if (this.#hasStopped) {
      drop(burst);
      return;
    }
    let committed: Committed;
    try {
      committed = await this.#commit(burst.map(({ operation }) => operation));
    } catch (error) {
      await this.#writeWithout(burst, error);
      return;
    }
    for (const [index, { resolve }] of burst.entries()) {
      resolve(committedPart(committed, index, index + 1));
    }
  }

  /** Nothing was written; where one write is to blame, the others are as good as they were. */
  async #writeWithout(burst: readonly Waiting[], error: unknown): Promise<void> {
    const refused = operationOf(error);
    if (refused === undefined) {
      this.#fail(burst, error);
      return;
    }
    await this.#write(burst.slice(0, refused));
    this.#fail(burst.slice(refused, refused + 1), error);
    await this.#write(burst.slice(refused + 1));
  }

  #fail(burst: readonly Waiting[], error: unknown): void {
    // What may have been written after all has to be told of every write.
    const isForAll = this.#goesOn || mayBeWritten(error);
    for (const { reject } of isForAll ? burst : burst.slice(0, 1)) reject(error);
    if (!isForAll) drop(burst.slice(1));
    if (this.#goesOn) return;
    this.#hasStopped = true;
    drop(this.#waiting.splice(0));
  }

  #take(): Waiting[] {
    let bytes = 0;
    const end = this.#waiting.findIndex((waiting, index) => {
      bytes += waiting.bytes;
      return index > 0 && (bytes > burstBytesMax || index === burstWritesMax);
    });
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }
}

function drop(writes: readonly Waiting[]): void {
  for (const { reject } of writes) reject(new NotBegun());
}
