/**
 * What a store must hold, as its writers know it, and whether it does: every acknowledged version
 * with its exact value, every commit whole or not at all, seqs without a gap, and each question
 * answered as the whole of the histories says.
 */
import type { Store } from '../../../src/index.js';
import type { Version } from '../../../src/options.js';

export interface Row {
  key: string;
  timestamp: number;
  /** Undefined: a tombstone. */
  value: string | undefined;
}

/** What one writer was told. No two rows of all writers have the same key and timestamp. */
export interface Told {
  who: string;
  /** What it commits, in this order; each group of rows whole or not at all. */
  groups: readonly (readonly Row[])[];
  /** So many groups were acknowledged. */
  acknowledged: number;
  /** More of them may be there: it was killed, or told that nobody knows. */
  mayHaveMore: boolean;
}

/** Every version that there is, in order of seq; point reads and histories are held against it. */
export function readEverything(store: Store): Version<string>[] {
  const all = [...store.versions()];
  let history: Version<string>[] = [];
  for (const [index, version] of all.entries()) {
    const { key, timestamp } = version;
    if (history[0]?.key !== key) {
      checkRead(store, key, timestamp - 1, undefined);
      history = [];
    }
    history.push(version);
    checkRead(store, key, timestamp, version.value);
    if (all[index + 1]?.key === key) continue;
    if (JSON.stringify([...store.history(key)]) !== JSON.stringify(history)) {
      throw new Error(`the history of ${key} is not what all histories together say`);
    }
  }
  return all.sort((a, b) => a.seq - b.seq);
}

function checkRead(store: Store, key: string, at: number, value: string | undefined): void {
  const got = store.get(key, at);
  if (got !== value) throw new Error(`${key} at ${at}: ${brief(got)} in place of ${brief(value)}`);
}

/** @throws Error that says what is lost, half, doubled, changed, or came from nowhere */
export function checkLedger(versions: readonly Version<string>[], tolds: readonly Told[]): void {
  for (const [index, { seq, key }] of versions.entries()) {
    if (seq !== index + 1) throw new Error(`${key} has seq ${seq} in place of ${index + 1}`);
  }
  const left = new Map(versions.map((version) => [nameOf(version), version]));
  for (const told of tolds) {
    const committed = countCommitted(told, left);
    if (committed < told.acknowledged) {
      const lost = JSON.stringify(told.groups[committed]).slice(0, 200);
      throw new Error(
        `${told.who}: ${committed} of ${told.acknowledged} are there; lost is ${lost}`,
      );
    }
    if (committed > told.acknowledged && !told.mayHaveMore) {
      throw new Error(`${told.who}: refused, and yet ${committed - told.acknowledged} are there`);
    }
  }
  for (const name of left.keys()) throw new Error(`${name} is there, and nobody wrote it`);
}

/** How many groups are there; they must be the first ones. Takes theirs out of `left`. */
function countCommitted({ who, groups }: Told, left: Map<string, Version<string>>): number {
  let committed = 0;
  let lastSeq = 0;
  for (const [index, group] of groups.entries()) {
    const found = group.map((row) => foundOf(row, left));
    const there = found.filter((version) => version !== undefined);
    if (there.length === 0) continue;
    if (there.length < group.length)
      throw new Error(`${who}: ${nameOf(group[0])} is there by half`);
    if (committed++ < index) throw new Error(`${who}: ${nameOf(group[0])} is there before another`);
    for (const [place, { seq }] of there.entries()) {
      if (place === 0 ? seq <= lastSeq : seq !== lastSeq + 1) {
        throw new Error(`${who}: seq ${seq} of ${nameOf(group[place])} comes after ${lastSeq}`);
      }
      lastSeq = seq;
    }
  }
  return committed;
}

function foundOf(row: Row, left: Map<string, Version<string>>): Version<string> | undefined {
  const name = nameOf(row);
  const found = left.get(name);
  left.delete(name);
  if (found !== undefined && found.value !== row.value) {
    throw new Error(`${name} is ${brief(found.value)} in place of ${brief(row.value)}`);
  }
  return found;
}

function nameOf(row: { key: string; timestamp: number } | undefined): string {
  return `${row?.key}@${row?.timestamp}`;
}

function brief(value: string | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value.slice(0, 40));
}
