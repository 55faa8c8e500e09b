/** An import: records become rows of a bulk load; what is wrong with one is told by its line. */
import type { LoadRow } from '../../index.js';
import { CliError, codeOf, messageOf, usageError } from '../base/cli-error.js';
import { valueBytesMax } from '../base/limits.js';
import {
  fieldBytes,
  readKey,
  readMoment,
  readOrFault,
  type Field,
  type ReadTime,
} from './fields.js';
import type { InputFault } from './csv-reader.js';
import type { InputRecord } from './row-input.js';
import type { Pieces } from './pieces.js';
import type { MaybePromise, StoreAccess } from '../base/store-access.js';

export interface ImportOptions {
  /** Go on after a bad row. */
  skipBad: boolean;
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

/** Rows are loaded when there are so many bytes of them: a few thousand, as a rule. */
const loadBytes = 512 * 1024;

/** Loads all records. A bad one stops the import unless it is to be skipped. */
export async function importRecords(
  store: StoreAccess,
  records: Pieces<InputRecord | InputFault>,
  options: ImportOptions,
): Promise<ImportResult> {
  const { signal } = options;
  const rows = new WaitingRows(store);
  let fault: CliError | undefined;
  let skipped = 0;
  try {
    pieces: for await (const piece of untilStopped(records, signal)) {
      for (const record of piece) {
        const read = 'fault' in record ? record : readRow(record, store, options.readTime);
        const row = read instanceof Promise ? await read : read;
        if (!('fault' in row)) {
          rows.add(row, record.line);
          if (rows.bytes >= loadBytes) await rows.load();
        } else if (options.skipBad) {
          skipped += 1;
          options.onBadRow(`line ${row.line}: ${row.fault}`);
        } else {
          fault = usageError(`line ${row.line}: ${row.fault}`);
          break pieces;
        }
      }
      options.onProgress(rows.count);
    }
    // The rows before a bad one, or before a signal, are imported.
    await rows.load();
    signal.throwIfAborted();
    if (fault !== undefined) throw fault;
    return { imported: rows.count, skipped };
  } catch (error) {
    if (signal.aborted) {
      options.onInterrupted(`interrupted; ${rows.summary()}`);
      signal.throwIfAborted();
    }
    throw new CliError(codeOf(error), `${messageOf(error)}; ${rows.summary()}`);
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

/** Rows that wait to be loaded, and where the last one that has been stood. */
class WaitingRows {
  readonly #store: StoreAccess;
  #rows: LoadRow<Buffer>[] = [];
  #lines: number[] = [];
  #loaded = 0;
  #lastLine = 0;
  bytes = 0;

  constructor(store: StoreAccess) {
    this.#store = store;
  }

  /** Loaded or not. */
  get count(): number {
    return this.#loaded + this.#rows.length;
  }

  add(row: LoadRow<Buffer>, line: number): void {
    this.#rows.push(row);
    this.#lines.push(line);
    this.bytes += row.key.length + (row.value?.length ?? 0);
  }

  async load(): Promise<void> {
    const rows = this.#rows;
    const lines = this.#lines;
    const before = this.#loaded;
    this.#rows = [];
    this.#lines = [];
    this.bytes = 0;
    await this.#store.load(rows, {
      onProgress: (committed) => {
        this.#loaded = before + committed;
        this.#lastLine = lines[committed - 1] ?? this.#lastLine;
      },
    });
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
  readTime: ReadTime,
): MaybePromise<LoadRow<Buffer> | InputFault> {
  return readOrFault(record.line, () => {
    const key = readKey(record.key);
    const at = readMoment('time', record.time, readTime);
    const expiresAt = readMoment('expiresAt', record.expiresAt, readTime);
    if (typeof at !== 'object' && typeof expiresAt !== 'object') {
      return loadRow(record, { key, at, expiresAt }, store);
    }
    return Promise.all([at, expiresAt]).then(([time, expiry]) =>
      loadRow(record, { key, at: time, expiresAt: expiry }, store),
    );
  });
}

function loadRow(
  record: InputRecord,
  { key, at, expiresAt }: { key: string } & Record<'at' | 'expiresAt', number | undefined>,
  store: StoreAccess,
): LoadRow<Buffer> {
  if (expiresAt !== undefined && expiresAt <= (at ?? store.now())) {
    throw usageError('expiresAt is not later than the time');
  }
  const timed = at === undefined ? {} : { at };
  if (readState(record.state) === 'deleted') {
    if (fieldBytes(record.value).length > 0) throw usageError('is deleted, but has a value');
    if (expiresAt !== undefined) throw usageError('is deleted, but expires');
    return { key, ...timed, state: 'deleted' };
  }
  const value = readValue(record.value);
  return expiresAt === undefined ? { key, value, ...timed } : { key, value, ...timed, expiresAt };
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

function readState(field: Field): 'value' | 'deleted' {
  if (field === undefined) return 'value';
  const state = fieldBytes(field).toString();
  // An expired version comes back as the value that it was, with its expiry.
  if (state === '' || state === 'value' || state === 'expired') return 'value';
  if (state === 'deleted') return 'deleted';
  throw usageError(`the state ${JSON.stringify(state)} is none of value, deleted and expired`);
}
