/** Histories of a few keys for the suites that take some of them out, and everything that reads tell. */
import { TimekvError } from '../../src/base/errors.js';
import type { MakeStore, Subject } from './subject.js';

/** Four keys: one with several versions, of which one was replaced, others with one, and a tombstone. */
export async function fillHistories(store: Subject<string>): Promise<void> {
  await store.set('a', 'first', 1);
  await store.set('a', 'replaced', 10);
  await store.set('b', 'only', 10);
  await store.set('a', 'second', 10);
  await store.set('c', 'short', 5, { ttl: 10 });
  await store.delete('a', 20);
  await store.set('d', 'last', 30);
}

export const timesOf = (store: Pick<Subject<string>, 'history'>, key: string): number[] =>
  Array.from(store.history(key), ({ timestamp }) => timestamp);

/** All that can be asked of a store, as of times up to 30. */
export function everything(store: Subject<string>): unknown {
  const times = Array.from({ length: 31 }, (_, at) => at);
  const keys = ['a', 'b', 'c', 'd'];
  return {
    keys: [...store.keys({ all: true })],
    histories: keys.map((key) => [...store.history(key)]),
    backward: keys.map((key) => [...store.history(key, { reverse: true })]),
    values: keys.map((key) => times.map((at) => store.get(key, at))),
    versions: keys.map((key) => times.map((at) => store.version(key, at)?.seq)),
    scans: times.map((at) => Array.from(store.scan({ at }), ({ key, value }) => [key, value])),
    reverse: times.map((at) => [...store.keys({ at, reverse: true })]),
    changes: times.map((at) => [...store.diff(at, 30)]),
  };
}

/** The rows of a read, and behind them the code of the error that ended it, if one did. */
export function rowsUntilRefused<T>(rows: Iterable<T>): (T | string)[] {
  const given: (T | string)[] = [];
  try {
    for (const row of rows) given.push(row);
  } catch (error) {
    if (!(error instanceof TimekvError)) throw error;
    given.push(error.code);
  }
  return given;
}

/** The same as it has to be: over HTTP the status comes first, so that what is refused has no rows. */
export function rowsAndRefusal(
  { kind }: MakeStore,
  rows: readonly unknown[],
  code: string,
): unknown[] {
  return kind === 'http' ? [code] : [...rows, code];
}

/** What may become of the files, none of which changes an answer. */
export const stages: [string, (store: Subject<string>) => unknown][] = [
  ['nothing', () => undefined],
  ['a flush', (store) => store.snapshot()],
  ['a compaction', (store) => store.compact()],
  ['a full compaction', (store) => store.compact({ full: true })],
  ['closing and opening', (store) => store.reopen()],
];
