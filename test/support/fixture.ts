import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';

export interface FixtureRow {
  key: string;
  value: string;
  /** Microseconds since 1970. */
  at: number;
}

type FixtureName = 'time-zones' | 'browser-support';

function pathOf(name: FixtureName, file: string): string {
  return join(import.meta.dirname, '../../fixtures', name, file);
}

export function readGzip(file: string): string {
  return gunzipSync(readFileSync(file)).toString();
}

/** A file beside the fixture, from which its oracle answers. */
export function readOracle(name: FixtureName, file: string): unknown {
  return JSON.parse(readGzip(pathOf(name, file)));
}

/** The versions of a fixture as its file has them, unpacked. */
export function fixtureText(name: FixtureName): string {
  return readGzip(pathOf(name, 'versions.csv.gz'));
}

/** …and as rows for `store.load`. */
export function fixtureRows(name: FixtureName): FixtureRow[] {
  const [, ...rows] = parseCsv(fixtureText(name));
  return rows.map(([key = '', at, value = '']) => ({ key, value, at: Number(at) }));
}

/** Every line ends with a newline; what has one within it, a comma or a quote is quoted. */
function parseCsv(text: string): string[][] {
  const cell = /(?:"((?:[^"]|"")*)"|([^",\n]*))([,\n])/gy;
  const rows: string[][] = [];
  let row: string[] = [];
  let end = 0;
  for (const [whole, quoted, plain = '', separator] of text.matchAll(cell)) {
    end += whole.length;
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (separator === ',') continue;
    rows.push(row);
    row = [];
  }
  if (end !== text.length) throw new Error(`not CSV at character ${end}`);
  return rows;
}

/** Runs the script that made the fixture once more. */
export async function makeAgain(name: FixtureName, file: string): Promise<void> {
  await promisify(execFile)(process.execPath, [pathOf(name, 'make.mjs'), file]);
}

/** What the fixture says of each key, in order of time; of two rows of one moment the later one. */
export function historiesOf(rows: Iterable<FixtureRow>): Map<string, FixtureRow[]> {
  const byKey = new Map<string, Map<number, FixtureRow>>();
  for (const row of rows) {
    const versions = byKey.get(row.key) ?? new Map<number, FixtureRow>();
    byKey.set(row.key, versions.set(row.at, row));
  }
  return new Map(
    [...byKey].map(([key, versions]) => [key, [...versions.values()].sort((a, b) => a.at - b.at)]),
  );
}

/** The plainest as-of lookup: the value of the last version that is not after this moment. */
export function lookUpIn(histories: Map<string, readonly FixtureRow[]>) {
  return (key: string, at: number): string | undefined =>
    histories.get(key)?.findLast((version) => version.at <= at)?.value;
}
