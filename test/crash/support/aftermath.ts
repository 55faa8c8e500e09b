/** What must be true of a store after harm: opened again, read, written to, and opened once more. */
import { expect } from 'vitest';
import { open, TimekvError, type Store } from '../../../src/index.js';
import type { Version } from '../../../src/options.js';
import { checkLedger, readEverything, type Told } from './ledger.js';

const next: Told = {
  who: 'the next writer',
  groups: [[{ key: 'next', timestamp: 1, value: 'v' }]],
  acknowledged: 1,
  mayHaveMore: false,
};

/** After a kill or a call that failed: nothing is lost, half there or made up, and all goes on. */
export async function checkAfterHarm(directory: string, tolds: readonly Told[]): Promise<void> {
  // First of all somebody who does not settle, and meets the catalog as it was left.
  const seen = await lookOnly(directory);
  checkLedger(seen, tolds);
  const store = await open(directory);
  const found = readEverything(store);
  checkLedger(found, tolds);
  // What that reader was told stays; settling may bring more.
  expect(found.slice(0, seen.length)).toEqual(seen);
  await store.set('next', 'v', 1);
  const settled = readEverything(store);
  checkLedger(settled, [...tolds, next]);
  await store.close();
  const again = await open(directory, { create: false });
  expect(readEverything(again)).toEqual(settled);
  await again.compact({ full: true });
  expect(readEverything(again)).toEqual(settled);
  await again.close();
}

/** All that a reader is told who may not write; nothing if there is no store yet. */
async function lookOnly(directory: string): Promise<Version<string>[]> {
  let store: Store;
  try {
    store = await open(directory, { readOnly: true });
  } catch (error) {
    if (error instanceof TimekvError && error.code === 'ERR_TIMEKV_NO_STORE') return [];
    throw error;
  }
  try {
    return readEverything(store);
  } finally {
    await store.close();
  }
}

/**
 * After a write that was never made, and said that it was. No store can know what a disk keeps to
 * itself, and nothing is read again after it was written. What can be asked is that nobody is told
 * anything false: each read gives the right answer, or says what is damaged.
 * A byte of the end register is special: without it the frame looks as if its writer had died just
 * before. So it is not seen until the next writer finds it whole, and publishes it with its own.
 * @returns `right`; `reported`: some reads tell of damage; `late`: seen from the next write on
 */
export async function checkAfterLie(
  directory: string,
  tolds: readonly Told[],
  isPublication: boolean,
): Promise<'right' | 'reported' | 'late'> {
  let store: Store | undefined;
  try {
    store = await open(directory);
    const isLate = isPublication && !isRight(store, tolds);
    if (isLate) await store.set('next', 'v', 1);
    checkLedger(readEverything(store), isLate ? [...tolds, next] : tolds);
    return isLate ? 'late' : 'right';
  } catch (error) {
    if (!isDamage(error)) throw error;
    if (store !== undefined) checkEachRead(store, tolds);
    return 'reported';
  } finally {
    await store?.close();
  }
}

function isRight(store: Store, tolds: readonly Told[]): boolean {
  const versions = readEverything(store);
  try {
    checkLedger(versions, tolds);
    return true;
  } catch {
    return false;
  }
}

/** Some of it cannot be read: then every read either is right or says so. */
function checkEachRead(store: Store, tolds: readonly Told[]): void {
  for (const { groups, acknowledged } of tolds) {
    for (const { key, timestamp, value } of groups.slice(0, acknowledged).flat()) {
      try {
        expect(store.get(key, timestamp)).toBe(value);
      } catch (error) {
        if (!isDamage(error)) throw error;
      }
    }
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof TimekvError && error.code === 'ERR_TIMEKV_DAMAGED';
}
