/** The rows that asof-join answers: those of its input, each with the value as of its time. */
import { codeOf, messageOf, usageError } from './cli-error.js';
import type { InputFault } from './csv-reader.js';
import { readKey, readMoment, type ReadTime } from './fields.js';
import type { JoinRow } from './join-input.js';
import { jsonValue, type Shape } from './shapes.js';
import type { StoreAccess } from './store-access.js';

export interface JoinOptions {
  readTime: ReadTime;
  /** The oldest version that counts, in the store's unit. */
  maxAge: number;
  /** What stands in for a value that is not there. */
  fallback: Buffer | undefined;
  /** Told of each bad row; what it throws ends the join. */
  onBadRow: (message: string) => void;
}

export interface JoinedRow {
  row: JoinRow;
  value: Buffer | undefined;
}

/** One by one, in the order of the input. */
export async function* joinedRows(
  store: StoreAccess,
  rows: AsyncIterable<JoinRow | InputFault>,
  { readTime, maxAge, fallback, onBadRow }: JoinOptions,
): AsyncGenerator<JoinedRow> {
  for await (const row of rows) {
    const place = 'fault' in row ? row : await placeOf(row, readTime);
    if ('fault' in place) {
      onBadRow(`line ${place.line}: ${place.fault}`);
      continue;
    }
    const { key, at } = place;
    const version = await store.version(key, at);
    const isFresh = version !== undefined && at - version.timestamp <= maxAge;
    yield { row: place.row, value: isFresh ? version.value : fallback };
  }
}

interface Place {
  row: JoinRow;
  key: string;
  at: number;
}

async function placeOf(row: JoinRow, readTime: ReadTime): Promise<Place | InputFault> {
  try {
    const at = await readMoment('time', row.time, readTime);
    if (at === undefined) throw usageError('has no time');
    return { row, key: readKey(row.key), at };
  } catch (error) {
    if (codeOf(error) !== 'ERR_TIMEKV_INVALID_ARGUMENT') throw error;
    return { line: row.line, fault: messageOf(error) };
  }
}

/** @param as the column that is added */
export function joinedShape(columns: readonly string[], as: string): Shape<JoinedRow> {
  return {
    columns: [...columns, as],
    cells: ({ row, value }) => [...row.cells, value],
    json: ({ row, value }) => {
      const cells = row.cells.map((cell) => (Buffer.isBuffer(cell) ? jsonValue(cell) : cell));
      const entries = columns.map((name, at) => [name, cells[at] ?? null]);
      return Object.fromEntries([...entries, [as, jsonValue(value)]]) as unknown;
    },
    // What came as an object goes out as it came, with one field more.
    jsonText: ({ row: { text }, value }) =>
      text && `${text.slice(0, -1)},${JSON.stringify(as)}:${JSON.stringify(jsonValue(value))}}`,
  };
}
