/** An import: records become rows of a bulk load; what is wrong with one is told by its line. */
import type { LoadRow, RowBytes } from '../../index.js';
import { CliError, codeOf, messageOf, usageError } from '../base/cli-error.js';
import { valueBytesMax } from '../base/limits.js';
import { fieldBytes, readKey, readMoment, faultOf, type Field, type ReadTime } from './fields.js';
import type { InputFault } from './csv-reader.js';
import { PlainRecord } from './plain-record.js';
import type { InputRecord, InputRow } from './row-input.js';
import type { Pieces } from './pieces.js';
import type { MaybePromise, StoreAccess } from '../base/store-access.js';

export interface ImportOptions {
  /** Go on after a bad row. */
  skipBad: boolean;
  /** How long a value is valid whose row does not tell. */
  ttl: number | undefined;
  readTime: ReadTime;
  /** Told of each bad row that is skipped. */
  onBadRow: (message: string) => void;
  /** Told how far it came before the signal. */
  onInterrupted: (message: string) => void;
  onProgress: (rows: number) => void;
  signal: AbortSignal;
}

export interface ImportResult {
  imported: number;
  skipped: number;
}

/** Loads all records. A bad one stops the import unless it is to be skipped. */
export async function importRecords(
  store: StoreAccess,
  records: Pieces<InputRow>,
  options: ImportOptions,
): Promise<ImportResult> {
  const { signal } = options;
  const loading = new Loading(store, options);
  try {
    for await (const piece of untilStopped(records, signal)) {
      await loading.load(piece);
      if (loading.fault !== undefined) break;
      options.onProgress(loading.imported);
    }
    // The rows before a bad one, or before a signal, are imported.
    signal.throwIfAborted();
    if (loading.fault !== undefined) throw usageError(loading.fault);
    return { imported: loading.imported, skipped: loading.skipped };
  } catch (error) {
    if (signal.aborted) {
      options.onInterrupted(`interrupted; ${loading.summary()}`);
      signal.throwIfAborted();
    }
    throw new CliError(codeOf(error), `${messageOf(error)}; ${loading.summary()}`);
  }
}

/** The records until the signal comes: what was read before it is still committed. */
async function* untilStopped<T>(
  pieces: Pieces<T>,
  signal: AbortSignal,
): AsyncGenerator<Iterable<T>> {
  try {
    for await (const piece of pieces) {
      yield piece;
      if (signal.aborted) return;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Rows on their way into the store, none of which waits as an object, and how far it came. */
class Loading {
  readonly #store: StoreAccess;
  readonly #options: ImportOptions;
  /** Of the rows of the load at hand. */
  #lines: number[] = [];
  /** A row that has to be awaited, which a load of rows cannot do. */
  #awaited: { line: number; row: Promise<LoadRow<Buffer> | InputFault> } | undefined;
  #lastLine = 0;
  imported = 0;
  skipped = 0;
  /** What stops the import. */
  fault: string | undefined;

  constructor(store: StoreAccess, options: ImportOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Commits the rows of a piece, up to one that stops the import. */
  async load(piece: Iterable<InputRow>): Promise<void> {
    const records = piece[Symbol.iterator]();
    await this.#loadAll(this.#rows(records));
    while (this.#awaited !== undefined) {
      const { line, row } = this.#awaited;
      this.#awaited = undefined;
      await this.#loadAll(this.#rows(records, { line, read: await row }));
    }
  }

  async #loadAll(rows: Iterable<LoadRow<Buffer> | RowBytes>): Promise<void> {
    const before = this.imported;
    this.#lines = [];
    await this.#store.load(rows, {
      onProgress: (committed) => {
        this.imported = before + committed;
        this.#lastLine = this.#lines[committed - 1] ?? this.#lastLine;
      },
    });
  }

  /** @param first a row that was awaited */
  *#rows(
    records: Iterator<InputRow>,
    first?: { line: number; read: LoadRow<Buffer> | InputFault },
  ): Generator<LoadRow<Buffer> | RowBytes> {
    const { readTime, ttl } = this.#options;
    if (first !== undefined) {
      if ('fault' in first.read) this.#refuse(first.read);
      else yield this.#noted(first.read, first.line);
    }
    while (this.fault === undefined) {
      const next = records.next();
      if (next.done === true) return;
      const record = next.value;
      if (record instanceof PlainRecord) {
        this.#lines.push(record.line);
        yield ttl === undefined ? record : expiring(record, ttl);
        continue;
      }
      const read = 'fault' in record ? record : readRow(record, this.#store, { readTime, ttl });
      if (read instanceof Promise) {
        this.#awaited = { line: record.line, row: read };
        return;
      }
      if ('fault' in read) this.#refuse(read);
      else yield this.#noted(read, record.line);
    }
  }

  #noted(row: LoadRow<Buffer>, line: number): LoadRow<Buffer> {
    this.#lines.push(line);
    return row;
  }

  #refuse({ line, fault }: InputFault): void {
    const message = `line ${line}: ${fault}`;
    if (this.#options.skipBad) {
      this.skipped += 1;
      this.#options.onBadRow(message);
    } else {
      this.fault = message;
    }
  }

  summary(): string {
    return this.#lastLine === 0
      ? 'nothing was imported'
      : `what stands up to line ${this.#lastLine} is imported`;
  }
}

function readRow(
  record: InputRecord,
  store: StoreAccess,
  { readTime, ttl }: Pick<ImportOptions, 'readTime' | 'ttl'>,
): MaybePromise<LoadRow<Buffer> | InputFault> {
  try {
    const key = readKey(record.key);
    const at = readMoment('time', record.time, readTime);
    const expiresAt = readMoment('expiresAt', record.expiresAt, readTime);
    if (typeof at !== 'object' && typeof expiresAt !== 'object') {
      return loadRow(record, { key, at, expiresAt, ttl }, store);
    }
    return Promise.all([at, expiresAt])
      .then(([time, expiry]) => loadRow(record, { key, at: time, expiresAt: expiry, ttl }, store))
      .catch((error: unknown) => faultOf(record.line, error));
  } catch (error) {
    return faultOf(record.line, error);
  }
}

function loadRow(
  record: InputRecord,
  {
    key,
    at,
    expiresAt,
    ttl,
  }: { key: string } & Record<'at' | 'expiresAt' | 'ttl', number | undefined>,
  store: StoreAccess,
): LoadRow<Buffer> {
  if (expiresAt !== undefined && expiresAt <= (at ?? store.now())) {
    throw usageError('expiresAt is not later than the time');
  }
  const state = readState(record.state);
  if (state === 'expired' && record.value === undefined) {
    if (at !== undefined && expiresAt !== undefined) return { key, at, expiresAt, state };
    throw usageError('has expired and has no value: then it needs its time and expiresAt');
  }
  if (state === 'deleted') {
    if (fieldBytes(record.value).length > 0) throw usageError('is deleted, but has a value');
    if (expiresAt !== undefined) throw usageError('is deleted, but expires');
    return at === undefined ? { key, state } : { key, at, state };
  }
  const value = readValue(record.value);
  if (ttl !== undefined && expiresAt === undefined) return lasting(ttl, { key, value, at });
  // Not `...`: it would cost a row as much as reading it does.
  if (expiresAt === undefined) return at === undefined ? { key, value } : { key, value, at };
  return at === undefined ? { key, value, expiresAt } : { key, value, at, expiresAt };
}

/** Such a row is no plain one for the store. */
function expiring(record: PlainRecord, ttl: number): LoadRow<Buffer> {
  const { bytes, keyStart, keyEnd, valueStart, valueEnd, at } = record;
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const key = all.toString('latin1', keyStart, keyEnd); // It is ASCII.
  const value = all.subarray(valueStart, valueEnd);
  return lasting(ttl, { key, value, at });
}

function lasting(
  ttl: number,
  { key, value, at }: { key: string; value: Buffer; at: number | undefined },
): LoadRow<Buffer> {
  return at === undefined ? { key, value, ttl } : { key, value, at, ttl };
}

function readValue(field: Field): Buffer {
  if (field === undefined) {
    throw usageError('has no value; an empty one is written "" in CSV and as nothing in TSV');
  }
  const bytes = fieldBytes(field);
  if (bytes.length > valueBytesMax) {
    throw usageError(`the value has ${bytes.length} bytes; the most is ${valueBytesMax}`);
  }
  return bytes;
}

function readState(field: Field): 'value' | 'deleted' | 'expired' {
  if (field === undefined) return 'value';
  const state = fieldBytes(field).toString();
  if (state === '' || state === 'value') return 'value';
  if (state === 'deleted' || state === 'expired') return state;
  throw usageError(`the state ${JSON.stringify(state)} is none of value, deleted and expired`);
}
