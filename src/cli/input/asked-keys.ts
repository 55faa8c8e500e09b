/** Keys that are asked for in a file, a line each, and what is answered to each of them. */
import type { Unit, Version } from '../../index.js';
import { readTsvCell } from '../display/cells.js';
import { usageError } from '../base/cli-error.js';
import type { InputFault } from './csv-reader.js';
import { readKey, readOrFault } from './fields.js';
import { chunksOf, type Source } from './input.js';
import { inputLines } from './input-lines.js';
import { fallbackJson, versionJson, type Shape } from '../display/shapes.js';

export interface AskedKey {
  key: string;
  /** What there is; undefined: nothing. */
  version: Version<Buffer> | undefined;
  /** Stands in for a value that is not there. */
  fallback: string | undefined;
}

const carriageReturn = 0x0d;

/** One by one, as `keys` writes them: what TSV escapes is escaped. */
async function* keysIn(
  path: string,
  source: Source,
): AsyncGenerator<{ line: number; key: string } | InputFault> {
  let line = 0;
  for await (const lines of inputLines(chunksOf(path, source))) {
    for (const bytes of lines) {
      line += 1;
      const cell = bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes;
      yield await readOrFault(line, () => ({ line, key: keyOf(cell) }));
    }
  }
}

function keyOf(cell: Buffer): string {
  try {
    return readKey(readTsvCell(cell));
  } catch (error) {
    if (error instanceof RangeError) throw usageError(error.message);
    throw error;
  }
}

/** An answer is one line, `\N` where there is nothing. */
export function askedShape(unit: Unit, now: number): Shape<AskedKey> {
  return {
    columns: ['value'],
    cells: ({ version, fallback }) => [version?.value ?? fallback],
    json: ({ key, version, fallback }) => {
      if (version !== undefined) return versionJson(version, unit, now);
      return fallback === undefined ? null : fallbackJson(key, fallback);
    },
    notes: { column: 'key', after: 'value', cell: ({ key }) => key },
  };
}

export interface Asking {
  /** What there is of a key. */
  read: (key: string) => Promise<Version<Buffer> | undefined>;
  fallback: string | undefined;
  source: Source;
  /** Told of each bad line; what it throws ends all. */
  onBadLine: (fault: InputFault) => void;
  /** Told of each key with nothing. */
  onNothing: () => void;
}

/** The answers to the keys in a file, in their order. */
export async function* answersTo(
  path: string,
  { read, fallback, source, onBadLine, onNothing }: Asking,
): AsyncGenerator<AskedKey> {
  for await (const asked of keysIn(path, source)) {
    if ('fault' in asked) {
      onBadLine(asked);
      continue;
    }
    const found = await readOrFault(asked.line, async () => ({ version: await read(asked.key) }));
    if ('fault' in found) {
      onBadLine(found);
      continue;
    }
    const { version } = found;
    if (version === undefined && fallback === undefined) onNothing();
    yield { key: asked.key, version, fallback };
  }
}
