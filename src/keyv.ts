/** History under Keyv's interface (https://keyv.org). */
import { EventEmitter } from 'node:events';
import type { KeyvStoreAdapter, StoredData } from 'keyv';
import { open, type Operation, type SetOptions, type Store, TimekvError } from './index.js';

const microsecondsPerMs = 1000;
/** So many keys are deleted in one batch: all of them, or none. */
const batchKeys = 1000;

/** A value to be set, as Keyv hands it over. */
interface KeyvEntry {
  key: string;
  /** Text: what Keyv's serializer makes. */
  value: unknown;
  /** In milliseconds; 0 or none: it does not expire. */
  ttl?: number | undefined;
}

/**
 * A storage adapter for Keyv 5: what is set, expires, is deleted or cleared through it are versions of a
 * store, so that everything that was ever there can still be asked for.
 *
 *   import Keyv from 'keyv';
 *   import { KeyvTimekv } from 'timekv/keyv';
 *   const cache = new Keyv({ store: new KeyvTimekv('data'), namespace: 'rates' });
 */
export class KeyvTimekv extends EventEmitter implements KeyvStoreAdapter {
  /** For Keyv, which reads and sets properties of it. */
  readonly opts: Record<string, unknown>;
  /** Set by Keyv: what `clear` and `iterator` are about. Keys come with it in front already. */
  namespace: string | undefined;
  readonly #directory: string | undefined;
  #opened: Promise<Store> | undefined;

  /**
   * Opens nothing yet.
   * @param store a store that is open, of text and of the unit `us`; or a directory, which is opened when
   *   it is first needed, created by the first `set`, and closed by `disconnect`
   */
  constructor(store: Store | string) {
    super();
    this.#directory = typeof store === 'string' ? store : undefined;
    this.#opened = typeof store === 'string' ? undefined : Promise.resolve(requireClock(store));
    this.opts = { dialect: 'timekv', url: `timekv:${this.#directory ?? ''}` };
  }

  /** The store that it writes to, for `history`, `diff` and all that Keyv does not know. */
  get store(): Promise<Store> {
    this.#opened ??= this.#open(this.#directory ?? ':memory:');
    return this.#opened;
  }

  /** What could not be opened is tried again by the next call. */
  async #open(directory: string): Promise<Store> {
    try {
      return await openText(directory);
    } catch (error) {
      this.#opened = undefined;
      throw error;
    }
  }

  /**
   * What was set and has neither expired nor been deleted.
   * @returns text, as Keyv's serializer made it
   */
  // Keyv types what it gets by what its callers expect.
  async get<Value>(key: string): Promise<StoredData<Value> | undefined> {
    return (await this.store).get(key) as StoredData<Value> | undefined;
  }

  /** The same of many keys, in their order, on one consistent view. */
  async getMany<Value>(keys: string[]): Promise<StoredData<Value | undefined>[]> {
    return (await this.store).getMany(keys) as StoredData<Value | undefined>[];
  }

  /**
   * Writes a version, of now.
   * @param value text
   * @param ttl in milliseconds; 0 or none: it does not expire
   */
  async set(key: string, value: unknown, ttl?: number): Promise<void> {
    const text = requireText(value);
    await (await this.store).set(key, text, undefined, lifetime(ttl));
  }

  /** Writes all of them or none. */
  async setMany(entries: KeyvEntry[]): Promise<void> {
    const operations = entries.map(({ key, value, ttl }): Operation<string> => {
      return { type: 'set', key, value: requireText(value), ...lifetime(ttl) };
    });
    await (await this.store).batch(operations);
  }

  /**
   * Writes a tombstone, if there is a value.
   * @returns false if there was none
   */
  async delete(key: string): Promise<boolean> {
    return this.deleteMany([key]);
  }

  /**
   * The same for each of them, up to a thousand at once.
   * @returns false if none of them had a value
   */
  async deleteMany(keys: string[]): Promise<boolean> {
    const store = await this.store;
    const values = store.getMany(keys);
    const there = keys.filter((_, at) => values[at] !== undefined);
    await deleteAll(store, there);
    return there.length > 0;
  }

  /** True if there is a value. */
  async has(key: string): Promise<boolean> {
    return (await this.store).get(key) !== undefined;
  }

  /** The same of many keys, in their order. */
  async hasMany(keys: string[]): Promise<boolean[]> {
    return (await this.store).getMany(keys).map((value) => value !== undefined);
  }

  /** Deletes every key of the namespace, or of the store if there is none. What was stays in history. */
  async clear(): Promise<void> {
    const store = await this.store;
    await deleteAll(store, [...store.keys({ prefix: this.#prefix() })]);
  }

  /** Keys, as Keyv has stored them, with their values; on one consistent view. */
  async *iterator<Value>(
    namespace: string | undefined = this.namespace,
  ): AsyncGenerator<(string | Awaited<Value> | undefined)[], void> {
    const rows = (await this.store).scan({ prefix: this.#prefix(namespace) });
    for (const { key, value } of rows) yield [key, value];
  }

  /** Closes the store, if it was opened here. */
  async disconnect(): Promise<void> {
    if (this.#directory === undefined || this.#opened === undefined) return;
    const opened = this.#opened;
    this.#opened = undefined;
    await (await opened).close();
  }

  #prefix(namespace = this.namespace): string {
    return namespace === undefined || namespace === '' ? '' : `${namespace}:`;
  }
}

async function openText(directory: string): Promise<Store> {
  const store = await open(directory);
  try {
    return requireClock(store);
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Lifetimes are times of a clock. */
function requireClock(store: Store): Store {
  if (store.unit === 'us') return store;
  throw refused('Keyv needs a store of the unit us; this one counts ticks');
}

function requireText(value: unknown): string {
  if (typeof value === 'string') return value;
  throw refused(
    `Keyv hands over ${typeof value} where text is stored; leave it a serializer, which makes text of every value`,
  );
}

function refused(message: string): TimekvError {
  return new TimekvError('ERR_TIMEKV_INVALID_ARGUMENT', message);
}

function lifetime(ttl: number | undefined): SetOptions {
  return ttl === undefined || ttl === 0 ? {} : { ttl: Math.ceil(ttl * microsecondsPerMs) };
}

async function deleteAll(store: Store, keys: readonly string[]): Promise<void> {
  for (let at = 0; at < keys.length; at += batchKeys) {
    const batch = keys.slice(at, at + batchKeys);
    await store.batch(batch.map((key): Operation<string> => ({ type: 'delete', key })));
  }
}
