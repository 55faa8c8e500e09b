/** What a row of each kind looks like: its columns, its cells, and its JSON. */
import { isUtf8 } from 'node:buffer';
import type { Damage, Difference, Snapshot, Unit, Version } from '../../index.js';
import type { Cell } from './cells.js';

export interface Shape<Row> {
  columns: readonly string[];
  cells(row: Row): Cell[];
  json(row: Row): unknown;
  /** The same as text, of a row that came as such. */
  jsonText?(row: Row): string | undefined;
  /** Columns that only people get, in a table: the header and what stands below it. */
  notes?: { column: string; after: string; cell(row: Row): Cell };
}

export const keyShape: Shape<string> = {
  columns: ['key'],
  cells: (key) => [key],
  json: (key) => ({ key }),
};

export const scanShape: Shape<Version<Buffer>> = {
  columns: ['key', 'value'],
  cells: ({ key, value }) => [key, value],
  json: ({ key, value }) => ({ key, value: jsonValue(value) }),
};

/** What became of a key between two times. */
export const diffShape: Shape<Difference<Buffer>> = {
  columns: ['key', 'change', 'before', 'after'],
  cells: ({ key, change, before, after }) => [key, change, before, after],
  json: ({ key, change, before, after }) => ({
    key,
    change,
    before: jsonValue(before),
    after: jsonValue(after),
  }),
};

/** A row of names and what they stand for, such as the lines of `stats`. */
export const factShape: Shape<[name: string, fact: string | number]> = {
  columns: ['name', 'value'],
  cells: (fact) => fact,
  json: ([name, fact]) => ({ name, value: fact }),
};

/** The snapshots of a store. */
export function snapshotShape(unit: Unit): Shape<Snapshot> {
  return {
    columns: ['name', 'seq', 'now', 'createdAt'],
    cells: ({ name, seq, now, createdAt }) => [name, seq, now, createdAt],
    json: (snapshot) => ({ ...snapshot, time: isoTime(snapshot.now, unit) }),
    ...(unit === 'us' && {
      notes: { column: 'time', after: 'now', cell: ({ now }) => shortTime(now) },
    }),
  };
}

/** What is wrong with a store, a damage a row. */
export const damageShape: Shape<Damage> = {
  columns: ['file', 'offset', 'what', 'lost'],
  cells: ({ file, offset, what, lost }) => [file, offset, what, lost],
  json: (damage) => damage,
};

/** The facts in an object, those further in with a dotted name. */
export function factsOf(source: object, path = ''): [string, string | number][] {
  return Object.entries(source).flatMap(([name, fact]: [string, unknown]) => {
    if (typeof fact === 'object' && fact !== null) return factsOf(fact, `${path}${name}.`);
    return [[path + name, typeof fact === 'number' ? fact : String(fact)]];
  });
}

/**
 * Versions with all that is known of them.
 * @param now what `expired` is judged by
 */
export function versionShape(unit: Unit, now: number): Shape<Version<Buffer>> {
  return {
    columns: ['key', 'timestamp', 'state', 'expiresAt', 'seq', 'value'],
    cells: (version) => [
      version.key,
      Number.isNaN(version.timestamp) ? undefined : version.timestamp,
      stateOf(version, now),
      version.expiresAt,
      version.seq,
      version.value,
    ],
    json: (version) => versionJson(version, unit, now),
    ...(unit === 'us' && {
      notes: {
        column: 'time',
        after: 'timestamp',
        cell: ({ timestamp }) => (Number.isNaN(timestamp) ? undefined : shortTime(timestamp)),
      },
    }),
  };
}

/** For people, beside the exact timestamp: `2026-03-29 01:00:00Z`. */
export function shortTime(microseconds: number): string {
  const iso = new Date(Math.floor(microseconds / 1000)).toISOString();
  return iso.replace('T', ' ').replace(/\.\d+/, '');
}

/** The JSON object of a version, the same everywhere. */
export function versionJson(
  version: Version<Buffer>,
  unit: Unit,
  now: number,
): Record<string, unknown> {
  return {
    key: version.key,
    timestamp: version.timestamp,
    time: isoTime(version.timestamp, unit),
    value: jsonValue(version.value),
    seq: version.seq,
    ...(version.expiresAt !== undefined && { expiresAt: version.expiresAt }),
    state: stateOf(version, now),
  };
}

export type State = Version<Buffer>['state'];

function stateOf(version: Version<Buffer>, now: number): State {
  return (version.expiresAt ?? Infinity) <= now ? 'expired' : version.state;
}

/** A version that is none: only its key and its value are known. */
export function fallbackJson(key: string, value: string): Record<string, unknown> {
  return {
    key,
    timestamp: null,
    time: null,
    value: jsonValue(Buffer.from(value)),
    seq: null,
    state: null,
  };
}

/** A value as JSON carries it: text, or base64 where it is none. */
export function jsonValue(value: Buffer | undefined): unknown {
  if (value === undefined) return null;
  return isUtf8(value) ? value.toString() : { base64: value.toString('base64') };
}

/** ISO 8601, with microseconds where there are any; null where the unit has no clock. */
export function isoTime(timestamp: number, unit: Unit): string | null {
  if (unit === 'tick' || Number.isNaN(timestamp)) return null;
  const milliseconds = Math.floor(timestamp / 1000);
  const microseconds = timestamp - milliseconds * 1000;
  const iso = new Date(milliseconds).toISOString();
  return microseconds === 0 ? iso : iso.replace('Z', `${String(microseconds).padStart(3, '0')}Z`);
}
