/** Compares every answer of a store with the model's. */
import { isDeepStrictEqual } from 'node:util';
import { type Store, TimekvError } from '../../src/index.js';
import type { HistoryOptions, KeysOptions } from '../../src/options.js';
import type { ModelStore } from '../support/model-store.js';

/** What is compared, made only when it has to be told. */
type What = string | (() => string);

/** What a read answers, or why it was refused. */
export function answerOf(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof TimekvError) return `refused: ${error.code}`;
    throw error;
  }
}

/** The rows of a read, and behind them why there were no more, if it was refused. */
function rowsOf(rows: () => Iterable<unknown>): unknown[] {
  const given: unknown[] = [];
  const refusal = answerOf(() => {
    for (const row of rows()) given.push(row);
    return undefined;
  });
  return refusal === undefined ? given : [...given, refusal];
}

/** The same of a store and of the model. Over HTTP what is refused has no rows: its status comes first. */
function rowsOfBoth(
  store: Store,
  model: ModelStore,
  read: (one: Store | ModelStore) => Iterable<unknown>,
): [actual: unknown[], expected: unknown[]] {
  const actual = rowsOf(() => read(store));
  const expected = rowsOf(() => read(model));
  const isRefused = String(expected.at(-1)).startsWith('refused: ');
  return [actual, isRefused && 'refusesWhole' in store ? expected.slice(-1) : expected];
}

/** `expect` is too slow to be asked a million times. */
export function same(what: What, actual: unknown, expected: unknown): void {
  if (isSame(actual, expected)) return;
  const told = typeof what === 'string' ? what : what();
  throw new Error(`${told}\n  store: ${show(actual)}\n  model: ${show(expected)}`);
}

/** As strict as `isDeepStrictEqual`, and much quicker for answers: arrays of flat rows. */
function isSame(actual: unknown, expected: unknown): boolean {
  if (Object.is(actual, expected)) return true;
  if (Array.isArray(actual) && Array.isArray(expected)) {
    if (actual.length !== expected.length) return false;
    return actual.every((each, at) => isSame(each, expected[at]));
  }
  return isSameRow(actual, expected) || isDeepStrictEqual(actual, expected);
}

/** True of plain objects with the same properties, none of which is an object. */
function isSameRow(actual: unknown, expected: unknown): boolean {
  if (!isPlain(actual) || !isPlain(expected)) return false;
  const names = Object.keys(actual);
  if (names.length !== Object.keys(expected).length) return false;
  return names.every(
    (name) => Object.hasOwn(expected, name) && Object.is(actual[name], expected[name]),
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return Object.getPrototypeOf(value) === Object.prototype;
}

function show(value: unknown): string {
  const text = JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'string' && inner.length > 40 ? `${inner.slice(0, 8)}…${inner.length}` : inner,
  );
  return text;
}

/** Every timestamp and expiry, and the instants beside it. */
export function interestingTimes(model: ModelStore): number[] {
  const times = model.instants().flatMap((time) => [time - 1, time, time + 1]);
  return [...new Set([...times, 0])].filter(Number.isSafeInteger);
}

/** @param every so many of the times are asked for in all ways, the others for versions alone */
export function compareAll(
  store: Store,
  model: ModelStore,
  keys: readonly string[],
  every = 1,
): void {
  const times = interestingTimes(model);
  const allWays = times.filter((_, at) => at % every === 0);
  same('now', store.now(), model.now());
  for (const key of keys) {
    const asked = (what: string, time?: number) => () => `${what}(${show(key)}, ${time})`;
    for (const time of times) {
      const [actual, expected] = [store, model].map((one) =>
        answerOf(() => one.version(key, time)),
      );
      same(asked('version', time), actual, expected);
    }
    for (const time of allWays) {
      const [actual, expected] = [store, model].map((one) => answerOf(() => one.get(key, time)));
      same(asked('get', time), actual, expected);
    }
    // The clock may have been set back to a time at which something taken out was valid.
    const [now, expectedNow] = [store, model].map((one) => answerOf(() => one.get(key)));
    same(asked('get'), now, expectedNow);
    for (const reverse of [false, true]) compareHistory(store, model, key, { reverse });
  }
  for (const reverse of [false, true]) {
    for (const at of [...allWays, undefined]) {
      compareKeys(store, model, at === undefined ? { reverse } : { reverse, at });
    }
    compareKeys(store, model, { reverse, all: true });
  }
  const { horizon = 0 } = model.retention();
  for (const from of [allWays[0] ?? 0, horizon]) compareDiff(store, model, from, allWays.at(-2));
}

/** The snapshots too, and all that can be asked of each of them. */
export async function compareSnapshots(
  store: Store,
  model: ModelStore,
  keys: readonly string[],
  every = 1,
): Promise<void> {
  await eachSnapshot(store, model, (actual, expected) => {
    compareAll(actual, expected, keys, every);
  });
}

/** All that can be asked of a backup, and what there is in its snapshots. */
export async function compareBackup(
  store: Store,
  model: ModelStore,
  keys: readonly string[],
): Promise<void> {
  compareAll(store, model, keys, 29);
  await eachSnapshot(store, model, compareVersions);
}

async function eachSnapshot(
  store: Store,
  model: ModelStore,
  compare: (actual: Store, expected: ModelStore) => void,
): Promise<void> {
  const listed = await snapshotsOf(store);
  same('snapshots()', listed, model.snapshots());
  same('retention()', await store.retention(), model.retention());
  for (const { name } of listed) {
    const [actual, expected] = [await store.atSnapshot(name), model.atSnapshot(name)];
    try {
      compare(actual, expected);
    } finally {
      await actual.close();
    }
  }
}

/** As the model lists them. */
export async function snapshotsOf(store: Store): Promise<ReturnType<ModelStore['snapshots']>> {
  return (await store.snapshots()).map(({ name, seq, now }) => ({ name, seq, now }));
}

/** Every version there is, by key and oldest first: cheaper than all questions, and nearly as strict. */
export function compareVersions(store: Store, model: ModelStore): void {
  same('now', store.now(), model.now());
  const all = [...model.keys({ all: true })].flatMap((key) => model.history(key));
  same('versions()', [...store.versions()], all);
}

export function compareHistory(
  store: Store,
  model: ModelStore,
  key: string,
  query: HistoryOptions,
): void {
  const what = () => `history(${show(key)}, ${show(query)})`;
  const [actual, expected] = rowsOfBoth(store, model, (one) => one.history(key, query));
  same(what, actual, expected);
}

/** What answers as other reads do, of all keys. */
export function compareCollections(store: Store, model: ModelStore, keys: readonly string[]): void {
  for (const key of keys) {
    const values = model.history(key).filter(({ state }) => state === 'value');
    same(() => `timeline(${show(key)})`, [...store.timeline(key).all()], values);
  }
  for (const at of [interestingTimes(model).at(-1), undefined]) {
    const [many, expected] = [store, model].map((one) =>
      answerOf(() => one.getMany([...keys], at)),
    );
    same(() => `getMany(${at})`, many, expected);
  }
}

function compareDiff(store: Store, model: ModelStore, from: number, to: number | undefined): void {
  const [actual, expected] = rowsOfBoth(store, model, (one) => one.diff(from, to));
  same(() => `diff(${from}, ${to})`, actual, expected);
}

export function compareKeys(store: Store, model: ModelStore, query: KeysOptions): void {
  const [keys, expectedKeys] = rowsOfBoth(store, model, (one) => one.keys(query));
  same(() => `keys(${show(query)})`, keys, expectedKeys);
  const { all, ...scan } = query;
  if (all === true) return;
  const [actual, expected] = rowsOfBoth(store, model, (one) => one.scan(scan));
  same(() => `scan(${show(scan)})`, actual, expected);
}
