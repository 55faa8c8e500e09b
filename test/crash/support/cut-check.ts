/** What must be in a store after a power cut, held against what is. */
import type { Version } from '../../../src/options.js';
import type { Told } from './cut-crew.js';

/** How many batches there are of each writer. Throws where one is not whole, or anything is missing. */
function countBatches(versions: readonly Version<string>[]): Map<string, number> {
  const counts = new Map<string, number>();
  let last = -Infinity;
  for (let i = 0; i < versions.length; i += 3) {
    const { value = '', timestamp = 0 } = versions[i] ?? {};
    const [name = '', number = '', padding = ''] = value.split(' ', 3);
    const whole = `${name} ${number} ${padding} ${'x'.repeat(Number(padding))}`;
    for (const [at, key] of [`${name}/left`, 'shared', `${name}/right`].entries()) {
      const expected = { key, timestamp, seq: i + at + 1, state: 'value', value: whole } as const;
      requireSame(`version ${i + at + 1}`, versions.slice(i + at, i + at + 1), [expected]);
    }
    if (timestamp <= last) throw new Error(`now went back from ${last} to ${timestamp}`);
    last = timestamp;
    const before = counts.get(name) ?? 0;
    if (Number(number) !== before)
      throw new Error(`${name} ${number} comes after ${before} others`);
    counts.set(name, before + 1);
  }
  return counts;
}

/** Throws where two lists of versions differ. */
export function requireSame(
  what: string,
  found: readonly Version<string>[],
  expected: readonly Version<string>[],
): void {
  for (let i = 0; i < Math.max(found.length, expected.length); i += 1) {
    const [left, right] = [found[i], expected[i]].map(lineOf);
    if (left === right) continue;
    throw new Error(`${what}: ${left?.slice(0, 200)} instead of ${right?.slice(0, 200)}`);
  }
}

function lineOf(version: Version<string> | undefined): string {
  if (version === undefined) return 'nothing';
  const { seq, key, timestamp, state, value } = version;
  return `seq ${seq}, ${key} at ${timestamp}, ${state} ${value}`;
}

/** What has been promised of one store, over all the cuts that it goes through. */
export class Promised {
  /** Batches of writers that are dead: neither more nor less, for ever. */
  #settled = new Map<string, number>();
  /** What the writers of the last cut were told. */
  #open: Told[] = [];
  #seen = new Map<number, string>();
  #epoch = 0;

  /** Takes in what the processes of a cut were told. */
  add(told: readonly Told[]): void {
    this.#open.push(...told);
    for (const { epoch, seen } of told) {
      this.#epoch = Math.max(this.#epoch, epoch);
      for (const [seq, value] of seen) this.#seen.set(seq, value);
    }
  }

  /** One more batch that was acknowledged, by a writer that lives on. */
  acknowledged(name: string, count: number): void {
    this.#settled.set(name, count);
  }

  /**
   * Throws unless all of it has been kept.
   * @param epoch of the catalog as it is now; 0 if there is none
   * @returns how many acknowledged batches of mode `process` are gone
   */
  check(versions: readonly Version<string>[], epoch: number): number {
    const counts = countBatches(versions);
    let lost = 0;
    for (const { name, durability, acknowledged } of this.#open) {
      const missing = Math.max(0, acknowledged + 1 - (counts.get(name) ?? 0));
      if (durability === 'process') lost += missing;
      else if (missing > 0) throw new Error(`${missing} acknowledged batches of ${name} are lost`);
      this.#settled.set(name, counts.get(name) ?? 0);
    }
    this.#open = [];
    for (const [name, count] of this.#settled) {
      const found = counts.get(name) ?? 0;
      if (found !== count) throw new Error(`there are ${found} batches of ${name}, not ${count}`);
    }
    for (const [seq, value] of this.#seen) {
      const found = versions[seq - 1]?.value ?? '';
      if (found.startsWith(`${value} `)) continue;
      throw new Error(`a reader has seen ${value} as seq ${seq}, and it is not there any more`);
    }
    if (epoch < this.#epoch) {
      throw new Error(`the catalog went back from epoch ${this.#epoch} to ${epoch}`);
    }
    this.#epoch = epoch;
    return lost;
  }
}
