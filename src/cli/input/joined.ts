/** The rows that asof-join answers: those of its input, each with the value as of its time. */
import type { Version } from '../../index.js';
import { usageError } from '../base/cli-error.js';
import type { InputFault } from './csv-reader.js';
import { readKey, readMoment, readOrFault, type ReadTime } from './fields.js';
import type { JoinRow } from './join-input.js';
import type { Pieces } from './pieces.js';
import { jsonValue, type Shape } from '../display/shapes.js';
import type { MaybePromise, StoreAccess } from '../base/store-access.js';

export interface JoinOptions {
  readTime: ReadTime;
  /** The oldest version that counts, in the store's unit. */
  maxAge: number;
  /** What stands in for a value that is not there. */
  fallback: Buffer | undefined;
  /** Told of each bad row; what it throws ends the join. */
  onBadRow: (fault: InputFault) => void;
}

export interface JoinedRow {
  row: JoinRow;
  value: Buffer | undefined;
}

/** In the order of the input, a piece of it at a time. */
export async function* joinedRows(
  store: StoreAccess,
  pieces: Pieces<JoinRow | InputFault>,
  options: JoinOptions,
): AsyncGenerator<Iterable<JoinedRow>> {
  const { onBadRow } = options;
  /** A row that has to be awaited, which what goes row by row cannot do. */
  let awaited: Promise<JoinedRow | InputFault> | undefined;
  const joined = function* (rows: Iterator<JoinRow | InputFault>): Generator<JoinedRow> {
    for (let next = rows.next(); next.done !== true; next = rows.next()) {
      const row = 'fault' in next.value ? next.value : joinRow(store, next.value, options);
      if (row instanceof Promise) {
        awaited = row;
        return;
      }
      if ('fault' in row) onBadRow(row);
      else yield row;
    }
  };
  for await (const piece of pieces) {
    const rows = piece[Symbol.iterator]();
    yield joined(rows);
    while (awaited !== undefined) {
      const row: JoinedRow | InputFault = await awaited;
      awaited = undefined;
      if ('fault' in row) onBadRow(row);
      else yield [row];
      yield joined(rows);
    }
  }
}

function joinRow(
  store: StoreAccess,
  row: JoinRow,
  { readTime, maxAge, fallback }: JoinOptions,
): MaybePromise<JoinedRow | InputFault> {
  const withVersion = (version: Version<Buffer> | undefined, at: number): JoinedRow => {
    const isFresh = version !== undefined && at - version.timestamp <= maxAge;
    return { row, value: isFresh ? version.value : fallback };
  };
  const asOf = (at: number | undefined): MaybePromise<JoinedRow> => {
    if (at === undefined) throw usageError('has no time');
    const version = store.version(readKey(row.key), at);
    return version instanceof Promise
      ? version.then((found) => withVersion(found, at))
      : withVersion(version, at);
  };
  return readOrFault(row.line, () => {
    const at = readMoment('time', row.time, readTime);
    return at instanceof Promise ? at.then(asOf) : asOf(at);
  });
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
