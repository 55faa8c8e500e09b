/** Cuts recordings off at every operation, and counts the different states that this leaves. */
import { createHash } from 'node:crypto';
import type { Random } from '../../support/random.js';
import type { DiskOperation } from '../../support/simulated-disk.js';
import { type Crash, crashesAt } from './crashes.js';
import type { Recording } from './recording.js';
import { type Recovery, recover } from './recovery.js';
import type { StoreOracle } from './store-oracle.js';

/** Random losses at each operation. */
const subsets = 2;
/** How many of the recoveries are cut off in their turn, at every operation. */
const depthTwoShare = 0.007;

/** Which operations to stop at: after the first `from` of them, up to the first `to`. */
interface Range {
  from: number;
  to: number;
}

export class Exploration {
  /** Hashes of the states that were looked at. */
  readonly #seen = new Set<number>();
  statesAtDepthTwo = 0;

  /**
   * Distinct by what is on the disk, the operation that it was cut off at, whether by a kill or by a
   * power cut, how often, and what had been promised by then.
   */
  get states(): number {
    return this.#seen.size;
  }

  /**
   * @param random what is drawn depends on its seed and the place alone, not on what was seen before
   * @param from the first operation to stop at
   * @returns what went wrong, if anything did
   */
  explore(recording: Recording, random: Random, from = 0): Promise<string | undefined> {
    const range = { from, to: recording.operations.length };
    return this.#explore(recording, random, { range, depth: 1 });
  }

  async #explore(
    recording: Recording,
    random: Random,
    { range, depth }: { range: Range; depth: number },
  ): Promise<string | undefined> {
    const { operations, system } = recording;
    const disk = system.disk.clone();
    const oracle = recording.oracle.clone();
    for (let at = 0; at <= range.to; at++) {
      const next = operations[at];
      recording.tellAfter(at, oracle);
      if (at >= range.from) {
        let turn = 0;
        for (const crash of crashesAt(disk, next, random.at(at), depth === 1 ? subsets : 1)) {
          turn++;
          if (!this.#isNew(crash, next, { oracle, depth })) continue;
          const own = random.at(at, turn);
          const fault = await this.#recover(recording, oracle, crash, { random: own, depth });
          if (fault === undefined) continue;
          const what = next === undefined ? 'the end' : next.name;
          return `operation ${at} (${what}), ${crash.name}: ${fault}`;
        }
      }
      if (next !== undefined) disk.apply(next);
    }
    return undefined;
  }

  #isNew(
    { isPowerCut, disk }: Crash,
    next: DiskOperation | undefined,
    { oracle, depth }: { oracle: StoreOracle; depth: number },
  ): boolean {
    const state = [depth, isPowerCut, nameOf(next), disk.fingerprint(), oracle.fingerprint()];
    // Of 48 bits: should two states ever have the same, one of them is left out.
    const hash = createHash('sha1').update(state.join('\n')).digest().readUIntBE(0, 6);
    const before = this.#seen.size;
    this.#seen.add(hash);
    if (this.#seen.size === before) return false;
    if (depth > 1) this.statesAtDepthTwo++;
    return true;
  }

  async #recover(
    { system }: Recording,
    oracle: StoreOracle,
    { isPowerCut, disk }: Crash,
    { random, depth }: { random: Random; depth: number },
  ): Promise<string | undefined> {
    const crashed = system.with(disk);
    const expected = oracle.clone();
    if (isPowerCut) {
      crashed.boot++;
      expected.powerWasLost();
    }
    let recovery: Recovery;
    try {
      recovery = await recover(crashed, expected, { random, depth });
    } catch (error) {
      return error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    if (depth > 1 || random.next() >= depthTwoShare) return undefined;
    // Before its first operation it is the first crash still; after its last, an ordinary write.
    const range = { from: 1, to: recovery.operations };
    const fault = await this.#explore(recovery.recording, random, { range, depth: 2 });
    return fault && `in recovery, ${fault}`;
  }
}

/** Enough of an operation to tell it from others on the same disk. */
function nameOf(operation: DiskOperation | undefined): string {
  if (operation === undefined) return 'the end';
  const { name } = operation;
  const what = 'path' in operation ? operation.path : operation.file;
  return `${name} ${what} ${name === 'write' ? operation.position : ''}`;
}
