/** The rows that asof-join answers: those of its input, each with the value as of its time. */
import { usageError } from '../base/cli-error.js';
import type { InputFault } from './csv-reader.js';
import { readKey, readMoment, readOrFault, type ReadTime } from './fields.js';
import type { JoinRow } from './join-input.js';
import type { Pieces } from './pieces.js';
import { jsonValue, type Shape } from '../display/shapes.js';
import type { StoreAccess } from '../base/store-access.js';

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
  rows: Pieces<JoinRow | InputFault>,
  { readTime, maxAge, fallback, onBadRow }: JoinOptions,
): AsyncGenerator<JoinedRow> {
  const valueAt = async (row: JoinRow): Promise<JoinedRow> => {
    const at = await readMoment('time', row.time, readTime);
    if (at === undefined) throw usageError('has no time');
    const version = await store.version(readKey(row.key), at);
    const isFresh = version !== undefined && at - version.timestamp <= maxAge;
    return { row, value: isFresh ? version.value : fallback };
  };
  for await (const piece of rows) {
    for (const row of piece) {
      const joined = 'fault' in row ? row : await readOrFault(row.line, () => valueAt(row));
      if ('fault' in joined) onBadRow(`line ${joined.line}: ${joined.fault}`);
      else yield joined;
    }
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
