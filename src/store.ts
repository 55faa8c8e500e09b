/**
 * The store as users meet it: each operation of the contract as a short method that checks, calls
 * the engine, and decodes. Reads are synchronous; writes resolve when they are committed.
 */
import type { Found } from './base/cursor.js';
import {
  batchWrites,
  briefKey,
  checkKey,
  checkKeys,
  checkLimit,
  checkOptions,
  checkRows,
  checkSnapshotName,
  checkTime,
  deleteWrite,
  eraseWrite,
  setWrite,
  type Checking,
} from './checks.js';
import { keyOf, toDifference, toVersion, versionOf, type Decode } from './answers.js';
import { givesOwnBytes } from './codecs.js';
import { Decoder } from './decoder.js';
import type { Committed, Engine } from './engine/engine.js';
import type { Write } from './engine/judge.js';
import type { HeldView as Held } from './engine/live-files.js';
import {
  differences,
  HistoriesWalk,
  HistoryWalk,
  keysIn,
  ScanWalk,
  type KeyBounds,
  type Walk,
} from './engine/scan.js';
import { takeOut } from './expiry.js';
import { eachOf, rowsOf } from './iterables.js';
import { newKeyPiece, type Piece, TimestampPiece, VersionPiece } from './pieces.js';
import { toBounds, toTimes } from './key-bounds.js';
import { loadRows } from './load-part.js';
import type { RowBytes } from './base/row-bytes.js';
import type {
  Codec,
  Difference,
  DiffOptions,
  ExpireOptions,
  HistoryOptions,
  KeysOptions,
  LoadOptions,
  LoadRow,
  Operation,
  ScanOptions,
  SetOptions,
  Time,
  Valued,
  Version,
  WatchOptions,
  WhenOptions,
} from './options.js';
import { StoreUpkeep } from './store-upkeep.js';
import { Timeline } from './timeline.js';
import { Waits } from './waits.js';
import { checkWatch, valueCommitted, valueWhen, watching } from './watch.js';

/**
 * An open store; `open` makes one. `V` is what its codec makes of a value's bytes: text, unless told
 * otherwise. Where a time is asked for, it is a number in the store's unit, or in a `us` store a Date.
 *
 * Every call throws (or rejects with) a TimekvError: ERR_TIMEKV_INVALID_ARGUMENT for a key, time or
 * option that cannot be used, ERR_TIMEKV_CLOSED after `close`, ERR_TIMEKV_DAMAGED where the answer
 * could lie in bytes that are not what was written, ERR_TIMEKV_HISTORY_TRUNCATED for a time before
 * what retention has left, ERR_TIMEKV_IO where the system refuses. Writes moreover
 * ERR_TIMEKV_READ_ONLY.
 */
export class Store<V = string> extends StoreUpkeep {
  readonly #codec: Codec<V>;
  readonly #decoder: Decoder<V>;

  /** Not for users: call `open`. */
  constructor(engine: Engine, codec: Codec<V>) {
    super(engine);
    this.#codec = codec;
    this.#decoder = new Decoder(codec);
  }

  /** What a read without a time is as of, in the store's unit. */
  now(): number {
    return this.engine.now();
  }

  /**
   * The value as of a time.
   * @param at default: now
   * @returns undefined if there is none: never written by then, deleted, or expired
   * @throws ERR_TIMEKV_DAMAGED if the answer could lie in a part that cannot be read
   */
  get(key: string, at?: Time): V | undefined {
    const found = this.#findValid(key, at);
    return found && this.#decoder.valueOf(found, key);
  }

  /**
   * The values of many keys as of one time, in their order, on one consistent view.
   * @param at default: now
   * @returns undefined in the place of each key that has none
   * @throws as `get` does, for any of them
   */
  getMany(keys: readonly string[], at?: Time): (V | undefined)[] {
    const wanted = checkKeys(keys);
    const values = keys.map((): V | undefined => undefined);
    this.engine.findMany(wanted, this.#timeOf(at), (found, place) => {
      values[place] = found && this.#decoder.valueOf(found, keys[place] as string);
    });
    return values;
  }

  /** Like `get`, with the version's own timestamp, seq and expiry. */
  version(key: string, at?: Time): Version<V> | undefined {
    const found = this.#findValid(key, at);
    if (found === undefined) return undefined;
    // First, since a codec of one's own may look something else up.
    const { timestamp, seq, kind, expiresAt } = found;
    return versionOf(key, { timestamp, seq, kind, expiresAt }, this.#decoder.valueOf(found, key));
  }

  /**
   * The versions of a key, tombstones, expired and future ones too; oldest first unless reversed.
   * The iterable is one consistent view, and can be gone through again for a new one.
   */
  history(key: string, options: HistoryOptions = {}): Iterable<Version<V>> {
    return this.#historyOf(key, options, () => new VersionPiece(this.#decoder, key));
  }

  /** One key's history as a collection of values by time. */
  timeline(key: string): Timeline<V> {
    checkKey(key);
    return new Timeline<V>(key, this, {
      valued: (options = {}) =>
        this.#historyOf(key, options, () => new VersionPiece(this.#decoder, key, true)) as Iterable<
          Valued<V>
        >,
      timestamps: (options = {}) => this.#historyOf(key, options, () => new TimestampPiece(true)),
      committed: (options) => valueCommitted(this.#opener, this.#waits, key, options),
    });
  }

  #historyOf<R>(key: string, options: HistoryOptions, piece: () => Piece<R>): Iterable<R> {
    const { unit } = this.engine;
    const bytes = checkKey(key);
    const bounds = toTimes(checkOptions(options, 'history'), unit);
    const isFromGiven = options.from !== undefined;
    return rowsOf(
      this.#opener,
      { range: { from: bytes, to: bytes }, limit: checkLimit(options.limit) },
      ({ cursor, view }) => {
        if (isFromGiven) view.requireKept(bytes, bounds.from);
        return new HistoryWalk(cursor, bytes, bounds);
      },
      piece,
    );
  }

  /** The versions that are valid as of a time, one for each key that has any, in key order. */
  scan(options: ScanOptions = {}): Iterable<Version<V>> {
    const bounds = toBounds(checkOptions(options, 'scan'));
    const at = this.#timeOf(options.at);
    return rowsOf(
      this.#opener,
      { range: { from: bounds.start, to: bounds.end }, limit: checkLimit(options.limit) },
      this.#validIn(bounds, at),
      () => new VersionPiece(this.#decoder),
    );
  }

  /** The keys that have a value as of a time, or with `all` every key with a history. */
  keys(options: KeysOptions = {}): Iterable<string> {
    const bounds = toBounds(checkOptions(options, 'keys'));
    const at = this.#timeOf(options.at);
    const limit = checkLimit(options.limit);
    const range = { from: bounds.start, to: bounds.end };
    if (options.all !== true) {
      return rowsOf(this.#opener, { range, limit }, this.#validIn(bounds, at), newKeyPiece);
    }
    const walk = ({ cursor }: Held) => keysIn(cursor, bounds);
    return eachOf(this.#opener, { range, limit }, walk, (key) => key.toString('utf8'));
  }

  /**
   * The keys whose value as of one time is not that as of another, in key order. That a value was
   * written again, the same, is no difference.
   * @param to default: now; may also lie before `from`
   */
  diff(from: Time, to?: Time, options: DiffOptions = {}): Iterable<Difference<V>> {
    const { prefix } = checkOptions(options, 'diff');
    const bounds = toBounds(prefix === undefined ? {} : { prefix });
    const first = checkTime(from, this.engine.unit, 'from');
    const last = to === undefined ? undefined : checkTime(to, this.engine.unit, 'to');
    return eachOf(
      this.#opener,
      { range: { from: bounds.start, to: bounds.end }, limit: Infinity },
      ({ cursor, view }) =>
        differences(cursor, bounds, { from: first, to: last ?? this.#nowIn(view), view }),
      (differing) => toDifference(differing, this.#decode),
    );
  }

  /**
   * Operations in the order in which they are committed, by any process, each with its seq. Without
   * `since` only those that are committed after the call; each iterator begins anew.
   * @throws from its iterators: ERR_TIMEKV_HISTORY_TRUNCATED if some of them are no longer in the
   *   log, naming the oldest seq that can be asked for; the reason of the signal
   */
  watch(options: WatchOptions = {}): AsyncIterable<Version<V>> {
    return watching(
      () => this.engine,
      checkWatch(options),
      (entry) => toVersion(keyOf(entry), entry, this.#decode),
    );
  }

  /**
   * The value as of a time that may lie in the future: waits until then, or until anyone commits a
   * version of the key with a timestamp after now and up to that time.
   * @throws ERR_TIMEKV_TIMEOUT; the reason of the signal
   */
  async when(key: string, at: Time, options: WhenOptions = {}): Promise<V | undefined> {
    const time = checkTime(at, this.engine.unit, 'at');
    const wait = { key, at: time, options };
    return valueWhen(this.#opener, this.#waits, wait, () => this.get(key, time));
  }

  /**
   * Every version of every key, by key and then oldest first, on one view: what `export` prints.
   * @internal
   */
  versions(): Iterable<Version<V>> {
    return rowsOf(
      this.#opener,
      { range: { from: undefined, to: undefined }, limit: Infinity },
      ({ cursor }) => new HistoriesWalk(cursor),
      () => new VersionPiece(this.#decoder),
    );
  }

  /**
   * Writes a version.
   * @param at its timestamp; default: now
   * @returns the timestamp written, once the version is committed
   * @throws ERR_TIMEKV_INVALID_ARGUMENT, ERR_TIMEKV_CONFLICT (onConflict, ifSeq), ERR_TIMEKV_BUSY,
   *   ERR_TIMEKV_IO: nothing was written. ERR_TIMEKV_OUTCOME_UNKNOWN: read to see
   */
  async set(key: string, value: V, at?: Time, options: SetOptions = {}): Promise<number> {
    return this.#commitOne(setWrite(this.#checking, { key, value, at }, options));
  }

  /** Writes a tombstone, also for a key that does not exist; resolves to its timestamp. */
  async delete(key: string, at?: Time): Promise<number> {
    return this.#commitOne(deleteWrite(this.engine.unit, key, at));
  }

  /**
   * Takes out every write ever made at a version's timestamp, or a whole history, for all reads that
   * begin later. The bytes leave the directory with a full compaction; backups are not reached.
   * @returns how many versions went, replaced ones not counted; 0: there was none
   */
  async erase(key: string, at: Time | 'all'): Promise<number> {
    return this.#commitOne(eraseWrite(this.engine.unit, key, at));
  }

  /**
   * Takes out versions that have expired, first ones first: their values go, and reads as of times at
   * which they were valid are refused from now on.
   * @returns what was taken out, as it was
   */
  async expire(options: ExpireOptions = {}): Promise<Version<V>[]> {
    const limit = checkLimit(checkOptions(options, 'expire').limit);
    const entries = await takeOut(() => this.engine, limit);
    return entries.map((entry) => {
      return { ...toVersion(keyOf(entry), entry, this.#decode), state: 'expired' };
    });
  }

  /** Applies all operations or none; resolves to what the calls of each would have answered. */
  async batch(operations: readonly Operation<V>[]): Promise<number[]> {
    return (await this.commit(operations)).answers;
  }

  /**
   * Like `batch`, and tells the seqs. For the command line.
   * @param nowPerWrite each operation without a time takes a *now* of its own
   * @internal
   */
  async commit(operations: readonly Operation<V>[], nowPerWrite = false): Promise<Committed> {
    const writes = batchWrites(this.#checking, operations);
    if (writes.length === 0) return { answers: [], firstSeq: 0, seqs: undefined };
    return this.engine.commit({ writes, nowPerWrite });
  }

  /**
   * Loads many versions, in order, in parts that are each committed whole. A row that is refused
   * ends it; what was committed before stays.
   * @returns how many versions were committed
   */
  async load(
    rows: Iterable<LoadRow<V> | RowBytes> | AsyncIterable<LoadRow<V> | RowBytes>,
    options: LoadOptions = {},
  ): Promise<number> {
    return loadRows(this.engine, this.#codec, checkRows(rows), checkOptions(options, 'load'));
  }

  /**
   * The same store as it was when a snapshot was taken; it has to be closed too.
   * @internal
   */
  async atSnapshot(name: string): Promise<Store<V>> {
    return new Store(await this.engine.atSnapshot(checkSnapshotName(name)), this.#codec);
  }

  /** For what outlives the call. */
  readonly #opener = (): Engine => this.engine;
  readonly #waits = new Waits(this.#opener);

  get #checking(): Checking<V> {
    const codec = this.#codec;
    return { unit: this.engine.unit, codec, mustCopy: !givesOwnBytes(codec) };
  }

  readonly #decode: Decode<V> = (view, key) => this.#decoder.decode(view, key);

  #timeOf(at: Time | undefined): number | undefined {
    return at === undefined ? undefined : checkTime(at, this.engine.unit, 'at');
  }

  /** Walks over what is valid at a time; without one, at the view's own *now*. */
  #validIn(bounds: KeyBounds, at: number | undefined): (held: Held) => Walk {
    return ({ cursor, view }) => {
      return new ScanWalk(cursor, bounds, { time: at ?? this.#nowIn(view), view });
    };
  }

  /** What a read of this view without a time is as of. */
  #nowIn({ lastNow }: Held['view']): number {
    return Math.max(this.now(), lastNow);
  }

  /** The version that a read as of `at` answers from. */
  #findValid(key: string, at: Time | undefined): Found | undefined {
    const engine = this.engine;
    return engine.find(briefKey(key), this.#timeOf(at));
  }

  async #commitOne(write: Write): Promise<number> {
    const { answers } = await this.engine.commit({ writes: [write], nowPerWrite: false });
    return answers[0] ?? 0;
  }
}
