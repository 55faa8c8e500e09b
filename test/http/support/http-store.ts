/**
 * A store behind HTTP as the contract's suites ask it: what the API offers goes through the server, in a
 * process of its own, and the rest to the same store by a handle of this process.
 */
import { inspect } from 'node:util';
import { invalidArgument } from '../../../src/base/errors.js';
import { checkTime } from '../../../src/checks.js';
import type { Store } from '../../../src/index.js';
import type {
  Codec,
  CompactOptions,
  Difference,
  DiffOptions,
  ExpireOptions,
  HistoryOptions,
  KeysOptions,
  Operation,
  ScanOptions,
  SetOptions,
  Time,
  Unit,
  Version,
  WatchOptions,
  WhenOptions,
} from '../../../src/options.js';
import { HttpWatcher } from './http-watcher.js';
import { type JsonValue, type JsonVersion, refusalIn } from './json.js';
import type { Answer, Asked, Requests } from './requests.js';
import { promised } from './promised.js';
import { checkTyped, checkTypedKey, checkTypedTime } from './typed.js';

const octets = 'application/octet-stream';

export class HttpStore<V> {
  /** Rows of a read that is refused further on are not told. */
  readonly refusesWhole = true;
  readonly #local: Store<V>;
  readonly #codec: Codec<V>;
  readonly #requests: Requests;
  readonly #address: string;
  readonly #end: () => Promise<unknown>;
  /** Before each request: the server's clock shows what the test's does. */
  readonly #showClock: () => void;
  #isClosed = false;

  constructor(
    local: Store<V>,
    codec: Codec<V>,
    requests: Requests,
    served: { address: string; end: () => Promise<unknown>; showClock: () => void },
  ) {
    this.#local = local;
    this.#codec = codec;
    this.#requests = requests;
    this.#address = served.address;
    this.#end = served.end;
    this.#showClock = served.showClock;
  }

  get unit(): Unit {
    return this.#local.unit;
  }

  set(key: string, value: V, at?: Time, options: SetOptions = {}): Promise<number> {
    return promised(() => this.#set(key, value, at, options));
  }

  #set(key: string, value: V, at: Time | undefined, options: SetOptions): number {
    const { ifSeq, ...rest } = checkTyped(options);
    const query = this.#query({ at: this.#time(at), ...this.#writeFields(rest) });
    const headers: Record<string, string> = { 'content-type': octets };
    if (ifSeq === 'none') headers['if-none-match'] = '*';
    else if (ifSeq !== undefined) headers['if-match'] = `"${ifSeq}"`;
    const body = this.#codec.encode(value);
    const path = `keys/${encoded(checkTypedKey(key))}${query}`;
    const { timestamp } = this.#json(path, { method: 'PUT', headers, body }) as {
      timestamp: number;
    };
    return timestamp;
  }

  delete(key: string, at?: Time): Promise<number> {
    return promised(() => this.#delete(key, at));
  }

  #delete(key: string, at: Time | undefined): number {
    const path = `keys/${encoded(checkTypedKey(key))}${this.#query({ at: this.#time(at) })}`;
    return (this.#json(path, { method: 'DELETE' }) as { timestamp: number }).timestamp;
  }

  async erase(key: string, at: Time | 'all'): Promise<number> {
    const [answer] = await this.batch([{ type: 'erase', key, at }]);
    return answer as number;
  }

  batch(operations: readonly Operation<V>[]): Promise<number[]> {
    return promised(() => this.#batch(operations));
  }

  #batch(operations: readonly Operation<V>[]): number[] {
    if (!Array.isArray(operations)) throw invalidArgument('a batch is an array');
    const rows = operations.map((operation: Operation<V>) => this.#operationJson(operation));
    const body = Buffer.from(JSON.stringify(rows));
    const headers = { 'content-type': 'application/json' };
    const answers = this.#json('batch', { method: 'POST', headers, body }) as {
      timestamp?: number;
      erased?: number;
    }[];
    return answers.map(({ timestamp, erased }) => timestamp ?? (erased as number));
  }

  get(key: string, at?: Time): V | undefined {
    return this.version(key, at)?.value;
  }

  getMany(keys: readonly string[], at?: Time): (V | undefined)[] {
    if (!Array.isArray(keys))
      throw invalidArgument(`the keys must be an array, not ${inspect(keys)}`);
    return keys.map((key: string) => this.get(key, at));
  }

  version(key: string, at?: Time): Version<V> | undefined {
    const path = `keys/${encoded(checkTypedKey(key))}${this.#query({ at: this.#time(at) })}`;
    const answer = this.#ask(path, {});
    if (answer.status === 404) return undefined;
    const { headers, body } = this.#accepted(answer);
    const expiresAt = headers['timekv-expires-at'];
    return {
      key,
      timestamp: Number(headers['timekv-timestamp']),
      value: this.#codec.decode(Buffer.from(body)),
      seq: Number(headers['etag']?.replaceAll('"', '')),
      state: 'value',
      ...(expiresAt !== undefined && { expiresAt: Number(expiresAt) }),
    };
  }

  history(key: string, options: HistoryOptions = {}): Iterable<Version<V>> {
    const { from, to, ...rest } = checkTyped(options);
    const times = { from: this.#time(from), to: this.#time(to) };
    const path = `keys/${encoded(checkTypedKey(key))}/history${this.#query({ ...times, ...rest })}`;
    return this.#rows(path, (row: JsonVersion) => this.#version(row));
  }

  scan(options: ScanOptions = {}): Iterable<Version<V>> {
    return this.#rows(`scan${this.#rangeQuery(options)}`, (row: JsonVersion) => this.#version(row));
  }

  keys(options: KeysOptions = {}): Iterable<string> {
    const path = `keys${this.#rangeQuery(options)}`;
    return this.#rows(path, ({ key }: { key: string }) => key);
  }

  diff(from: Time, to?: Time, options: DiffOptions = {}): Iterable<Difference<V>> {
    const times = { from: this.#time(from), to: this.#time(to) };
    const query = this.#query({ ...times, ...checkTyped(options) });
    type Row = Difference<JsonValue>;
    return this.#rows(`diff${query}`, ({ key, change, before, after }: Row) => {
      return {
        key,
        change,
        before: this.#value(before ?? null),
        after: this.#value(after ?? null),
      };
    });
  }

  watch(options: WatchOptions = {}): AsyncIterable<Version<V>> {
    const { signal, ...rest } = checkTyped(options);
    this.#local.refresh();
    // From the call on, as the library says: the request comes later.
    const since = rest.since ?? this.#lastSeq();
    const url = `${this.#address}/api/v1/watch${this.#query({ ...rest, since })}`;
    return {
      [Symbol.asyncIterator]: () =>
        new HttpWatcher(this.#requests, url, signal, (row) => this.#version(row)),
    };
  }

  when(key: string, at: Time, options: WhenOptions = {}): Promise<V | undefined> {
    this.#showClock();
    return new Promise((resolve, reject) => {
      const { timeout = 3_600_000, signal } = checkTyped(options);
      signal?.throwIfAborted();
      const query = this.#query({ at: this.#time(at) ?? 'never', wait: `${timeout}ms` });
      const url = `${this.#address}/api/v1/keys/${encoded(checkTypedKey(key))}${query}`;
      const id = this.#requests.wait({ url }, ({ answer, error }) => {
        if (answer === undefined) reject(new Error(error));
        else if (answer.status === 404) resolve(undefined);
        else resolve(promised(() => this.#codec.decode(Buffer.from(this.#accepted(answer).body))));
      });
      signal?.addEventListener('abort', () => {
        this.#requests.stop(id);
        reject(signal.reason as Error);
      });
    });
  }

  now(): number {
    this.#local.refresh();
    return this.#local.now();
  }

  refresh(): void {
    this.#local.refresh();
  }

  expire(options?: ExpireOptions): Promise<Version<V>[]> {
    return this.#local.expire(options);
  }

  load(...load: Parameters<Store<V>['load']>): Promise<number> {
    return this.#local.load(...load);
  }

  timeline(key: string): ReturnType<Store<V>['timeline']> {
    return this.#local.timeline(key);
  }

  snapshot(name?: string): Promise<void> {
    return this.#local.snapshot(name);
  }

  snapshots(): ReturnType<Store<V>['snapshots']> {
    return this.#local.snapshots();
  }

  removeSnapshot(name: string): Promise<void> {
    return this.#local.removeSnapshot(name);
  }

  atSnapshot(name: string): Promise<Store<V>> {
    return this.#local.atSnapshot(name);
  }

  compact(options?: CompactOptions): ReturnType<Store<V>['compact']> {
    return this.#local.compact(options);
  }

  backup(directory: string, name?: string): ReturnType<Store<V>['backup']> {
    return this.#local.backup(directory, name);
  }

  versions(): Iterable<Version<V>> {
    return this.#local.versions();
  }

  retention(): ReturnType<Store<V>['retention']> {
    return this.#local.retention();
  }

  setRetention(...policy: Parameters<Store<V>['setRetention']>): Promise<void> {
    return this.#local.setRetention(...policy);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#end();
    await this.#local.close();
  }

  #lastSeq(): number {
    const text = Buffer.from(this.#requests.ask({ url: `${this.#address}/metrics` }).body);
    return Number(/^timekv_seq (\d+)$/m.exec(text.toString())?.[1]);
  }

  #operationJson(operation: Operation<V>): object {
    const { at, ...rest } = checkTyped(operation);
    const time = at === 'all' ? at : this.#time(at);
    const common = { ...this.#writeFields(rest), ...(time !== undefined && { at: time }) };
    if (!('value' in rest)) return common;
    return { ...common, value: valueJson(Buffer.from(this.#codec.encode(rest.value))) };
  }

  /** A Date is a number, as the library makes it one; the rest is for the server to refuse. */
  #time(at: Time | undefined): number | undefined {
    return at instanceof Date ? checkTime(at, this.unit, 'at') : checkTypedTime(at);
  }

  /** A ttl in the store's unit, as it is written. */
  #writeFields(fields: object): Record<string, unknown> {
    const { ttl, expiresAt, ...rest } = fields as SetOptions;
    return {
      ...rest,
      ...(ttl !== undefined && { ttl: this.unit === 'us' ? `${ttl}us` : ttl }),
      ...(expiresAt !== undefined && { expiresAt: this.#time(expiresAt) }),
    };
  }

  #rangeQuery(options: KeysOptions): string {
    const { at, all, ...rest } = checkTyped(options);
    // With `all` a time plays no part.
    return this.#query({ ...rest, ...(all === true ? { all } : { at: this.#time(at) }) });
  }

  #query(fields: Record<string, unknown>): string {
    const given = Object.entries(fields).filter(([, value]) => value !== undefined);
    const parts = given.map(([name, value]) => `${name}=${encoded(value)}`);
    return parts.length === 0 ? '' : `?${parts.join('&')}`;
  }

  #version(row: JsonVersion): Version<V> {
    const { key, timestamp, value, seq, expiresAt, state } = row;
    return {
      key,
      timestamp: timestamp ?? NaN,
      value: this.#value(value),
      seq,
      // Here it tells what is valid as of now; the library, whether its value was taken out.
      state: state === 'expired' && value !== null ? 'value' : state,
      ...(expiresAt !== undefined && { expiresAt }),
    };
  }

  #value(value: JsonValue): V | undefined {
    if (value === null) return undefined;
    const bytes =
      typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.base64, 'base64');
    return this.#codec.decode(bytes);
  }

  /** Each time that they are gone through they are asked for again. */
  #rows<R>(path: string, convert: (row: never) => R): Iterable<R> {
    const ask = (): R[] => {
      const answer = this.#ask(path, {});
      if (answer.status === 404) return [];
      const text = Buffer.from(this.#accepted(answer).body).toString();
      const lines = text.split('\n').slice(0, -1);
      return lines.map((line) => convert(JSON.parse(line) as never));
    };
    return {
      *[Symbol.iterator]() {
        yield* ask();
      },
    };
  }

  #json(path: string, asked: Omit<Asked, 'url'>): unknown {
    const { body } = this.#accepted(this.#ask(path, asked));
    return JSON.parse(Buffer.from(body).toString());
  }

  #ask(path: string, asked: Omit<Asked, 'url'>): Answer {
    this.#showClock();
    return this.#requests.ask({ url: `${this.#address}/api/v1/${path}`, ...asked });
  }

  #accepted(answer: Answer): Answer {
    if (answer.status < 300) return answer;
    throw refusalIn(Buffer.from(answer.body).toString());
  }
}

/** Half of a surrogate pair goes as the bytes that it would be. */
function encoded(value: unknown): string {
  const text = String(value);
  if (text.isWellFormed()) return encodeURIComponent(text);
  return text.replace(/[\ud800-\udfff]/gu, (half) => {
    const code = half.charCodeAt(0);
    const bytes = [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)];
    return bytes.map((byte) => `%${byte.toString(16)}`).join('');
  });
}

function valueJson(bytes: Buffer): JsonValue {
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? text : { base64: bytes.toString('base64') };
}
