/** An import: records become rows of a bulk load; what is wrong with one is told by its line. */
import type { LoadRow } from '../index.js';
import { CliError, codeOf, messageOf, usageError } from './cli-error.js';
import { valueBytesMax } from './limits.js';
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
import { given, type StoreAccess } from './store-access.js';

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

/** Loads all records. A bad one stops the import unless it is to be skipped. */
export async function importRecords(
  store: StoreAccess,
  records: AsyncIterable<InputRecord | InputFault>,
  options: ImportOptions,
): Promise<ImportResult> {
  const lines = new CommittedLines();
  let fault: CliError | undefined;
  let skipped = 0;
  async function* rows(): AsyncGenerator<LoadRow<Buffer>> {
    for await (const record of untilStopped(records, options.signal)) {
      const row = 'fault' in record ? record : await readRow(record, store, options.readTime);
      if (!('fault' in row)) {
        options.onProgress(lines.add(record.line));
        yield row;
      } else if (options.skipBad) {
        skipped += 1;
        options.onBadRow(`line ${row.line}: ${row.fault}`);
      } else {
        // Ending here, and not by an error, lets the rows before it be committed.
        fault = usageError(`line ${row.line}: ${row.fault}`);
        return;
      }
    }
  }
  try {
    const imported = await store.load(rows(), {
      onProgress: (committed) => {
        lines.commit(committed);
      },
    });
    lines.commit(imported);
    options.signal.throwIfAborted();
    if (fault !== undefined) throw fault;
    return { imported, skipped };
  } catch (error) {
    if (options.signal.aborted) {
      options.onInterrupted(`interrupted; ${lines.summary()}`);
      options.signal.throwIfAborted();
    }
    throw new CliError(codeOf(error), `${messageOf(error)}; ${lines.summary()}`);
  }
}

/** The records until the signal comes: what was read before it is still committed. */
async function* untilStopped<T>(records: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  try {
    for await (const record of records) {
      yield record;
      if (signal.aborted) return;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** The lines of rows that wait for their commit. */
class CommittedLines {
  #waiting: number[] = [];
  #committed = 0;
  #lastLine = 0;

  /** @returns how many rows there were so far */
  add(line: number): number {
    return this.#committed + this.#waiting.push(line);
  }

  commit(rows: number): void {
    const done = this.#waiting.splice(0, rows - this.#committed);
    this.#committed = rows;
    this.#lastLine = done.at(-1) ?? this.#lastLine;
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
): Promise<LoadRow<Buffer> | InputFault> {
  return readOrFault(record.line, async () => {
    const key = readKey(record.key);
    const at = await readMoment('time', record.time, readTime);
    const expiresAt = await readMoment('expiresAt', record.expiresAt, readTime);
    if (expiresAt !== undefined && expiresAt <= (at ?? store.now())) {
      throw usageError('expiresAt is not later than the time');
    }
    if (readState(record.state) === 'deleted') {
      if (fieldBytes(record.value).length > 0) throw usageError('is deleted, but has a value');
      if (expiresAt !== undefined) throw usageError('is deleted, but expires');
      return given({ key, at, state: 'deleted' as const });
    }
    return given({ key, value: readValue(record.value), at, expiresAt });
  });
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
  const state = fieldBytes(field).toString();
  // An expired version comes back as the value that it was, with its expiry.
  if (state === '' || state === 'value' || state === 'expired') return 'value';
  if (state === 'deleted') return 'deleted';
  throw usageError(`the state ${JSON.stringify(state)} is none of value, deleted and expired`);
}
