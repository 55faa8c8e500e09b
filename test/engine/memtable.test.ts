import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cursor } from '../../src/base/cursor.js';
import { compareKeys, type Entry, Kind } from '../../src/base/entry.js';
import { Memtable } from '../../src/engine/memtable.js';
import { keysInOneSlot } from './support/keys-in-one-slot.js';
import {
  ArrayCursor,
  at,
  contents,
  type Content,
  payloadOf,
  type Place,
  places,
  plain,
} from '../support/entries.js';

const frames = fc.array(fc.array(contents, { minLength: 1, maxLength: 4 }), { maxLength: 12 });

function filled(list: readonly (readonly Content[])[]): { table: Memtable; entries: Entry[] } {
  const table = new Memtable();
  const entries: Entry[] = [];
  for (const frame of list) addTo(table, entries, frame);
  return { table, entries };
}

function addTo(table: Memtable, entries: Entry[], frame: readonly Content[]): void {
  table.addFrame(payloadOf(frame), entries.length + 1);
  for (const content of frame) entries.push({ ...content, seq: entries.length + 1 });
}

/** The same entries as far as they have a seq up to this one. */
function upTo(entries: readonly Entry[], seqMax: number): ArrayCursor {
  return new ArrayCursor(entries.filter(({ seq }) => seq <= seqMax));
}

type Move =
  { to: 'first' | 'last' | 'next' | 'previous' } | { to: 'seek' | 'seekBefore'; place: Place };

const moves: fc.Arbitrary<Move> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ to: fc.constantFrom('next', 'previous') }) },
  { weight: 1, arbitrary: fc.record({ to: fc.constantFrom('first', 'last') }) },
  {
    weight: 2,
    arbitrary: fc.record({ to: fc.constantFrom('seek', 'seekBefore'), place: places }),
  },
);

function move(cursor: Cursor, how: Move): void {
  if ('place' in how) cursor[how.to](how.place.key, how.place.timestamp, how.place.seq);
  else if (how.to === 'first' || how.to === 'last' || cursor.valid) cursor[how.to]();
}

function valueAt(key: Buffer, timestamp: number): Content {
  return { kind: Kind.value, key, timestamp, expiresAt: Infinity, value: Buffer.from('v') };
}

/** As a sorted array finds it. */
function expectFound(
  table: Memtable,
  entries: readonly Entry[],
  { key, timestamp, seq: seqMax }: Place,
): void {
  const expected = upTo(entries, seqMax);
  expected.seek(key, timestamp, Infinity);
  const isThere = expected.valid && compareKeys(expected.key, key) === 0;
  const found = table.find(key, timestamp, seqMax);
  const { value = Buffer.alloc(0) } = found ?? {};
  expect(found && plain({ ...found, value, key })).toEqual(isThere ? at(expected) : undefined);
}

/** Both have the same to the end. */
function expectWalk(
  [cursor, expected]: [Cursor, Cursor],
  [start, step]: readonly ['first' | 'last', 'next' | 'previous'],
): void {
  cursor[start]();
  expected[start]();
  for (; cursor.valid || expected.valid; cursor[step](), expected[step]()) {
    expect(at(cursor)).toEqual(at(expected));
  }
}

describe('a memtable', () => {
  it('goes through its entries as a sorted array does, in both directions, for any seq', () => {
    fc.assert(
      fc.property(frames, fc.nat(20), fc.array(moves), (list, seqMax, path) => {
        const { table, entries } = filled(list);
        const [cursor, expected] = [table.cursor(seqMax), upTo(entries, seqMax)];
        for (const how of path) {
          move(cursor, how);
          move(expected, how);
          expect(at(cursor)).toEqual(at(expected));
        }
        expect(table.entries).toBe(entries.length);
      }),
      { numRuns: 300 },
    );
  });

  it('finds for a key and a time the first entry at or after them', () => {
    fc.assert(
      fc.property(frames, fc.nat(20), contents, (list, seqMax, { key, timestamp }) => {
        const { table, entries } = filled(list);
        expectFound(table, entries, { key, timestamp, seq: seqMax });
      }),
      { numRuns: 300 },
    );
  });

  it('finds while it is filled, among many keys and many versions of one', () => {
    const frame = fc.array(fc.tuple(fc.nat(300), fc.integer({ min: -30, max: 30 })), {
      minLength: 1,
      maxLength: 60,
      size: 'max',
    });
    const place = fc.tuple(fc.nat(300), fc.integer({ min: -31, max: 31 }), fc.nat(800));
    // A third of what is written, and asked, is of one key.
    const keyOf = (n: number) => Buffer.from(n < 100 ? 'often' : `key ${n}`);
    fc.assert(
      fc.property(fc.array(fc.tuple(frame, fc.array(place)), { maxLength: 12 }), (steps) => {
        const table = new Memtable(steps.length % 2 === 0);
        const entries: Entry[] = [];
        for (const [written, asked] of steps) {
          addTo(
            table,
            entries,
            written.map(([n, timestamp]) => valueAt(keyOf(n), timestamp)),
          );
          for (const [n, timestamp, seq] of asked) {
            expectFound(table, entries, { key: keyOf(n), timestamp, seq });
          }
        }
        for (const walk of [
          ['first', 'next'],
          ['last', 'previous'],
        ] as const) {
          expectWalk([table.cursor(Infinity), upTo(entries, Infinity)], walk);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('finds keys that were chosen to have the same hash', () => {
    const table = new Memtable();
    const entries: Entry[] = [];
    const keys = keysInOneSlot(1100);
    for (const key of keys) {
      addTo(table, entries, [valueAt(key, 5)]);
      table.find(key, 5, Infinity);
    }
    for (const [index, key] of keys.entries()) {
      expect(table.find(key, 5, Infinity)?.seq).toBe(index + 1);
      expect(table.find(key, 4, Infinity)).toBeUndefined();
    }
    expect(table.find(Buffer.from('absent'), 5, Infinity)).toBeUndefined();
  });

  it('puts in order at once what it gathers, and goes on from there', () => {
    const frame = fc.array(contents, { minLength: 1, maxLength: 40, size: 'max' });
    const gathered = fc.array(frame, { maxLength: 6, size: 'max' });
    fc.assert(
      fc.property(gathered, frames, fc.array(moves), (lists, after, path) => {
        const table = new Memtable();
        const entries: Entry[] = [];
        table.gather();
        for (const list of lists) addTo(table, entries, list);
        table.sortNow();
        for (const list of after) addTo(table, entries, list);
        const [cursor, expected] = [table.cursor(Infinity), upTo(entries, Infinity)];
        cursor.first();
        expected.first();
        for (; cursor.valid && expected.valid; cursor.next(), expected.next()) {
          expect(at(cursor)).toEqual(at(expected));
        }
        for (const how of path) {
          move(cursor, how);
          move(expected, how);
          expect(at(cursor)).toEqual(at(expected));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('goes through what it gathered without putting it in order for readers', () => {
    const frame = fc.array(contents, { minLength: 1, maxLength: 40, size: 'max' });
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 6, size: 'max' }),
        fc.array(moves),
        (lists, path) => {
          const table = new Memtable();
          const entries: Entry[] = [];
          table.gather();
          for (const list of lists) addTo(table, entries, list);
          const sorting = table.sortedCursor();
          let step = sorting.next();
          while (step.done !== true) step = sorting.next();
          const [cursor, expected] = [step.value, upTo(entries, Infinity)];
          cursor.first();
          expected.first();
          for (; cursor.valid && expected.valid; cursor.next(), expected.next()) {
            expect(at(cursor)).toEqual(at(expected));
          }
          expect(cursor.valid).toBe(expected.valid);
          for (const how of path) {
            move(cursor, how);
            move(expected, how);
            expect(at(cursor)).toEqual(at(expected));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('lets a cursor keep its place and its view while frames are added', () => {
    const steps = fc.array(fc.oneof(fc.array(contents, { minLength: 1, maxLength: 3 }), moves), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(frames, steps, (list, path) => {
        const { table, entries } = filled(list);
        const seqMax = entries.length;
        const [cursor, expected] = [table.cursor(seqMax), upTo(entries, seqMax)];
        for (const step of path) {
          if (Array.isArray(step)) addTo(table, entries, step);
          else {
            move(cursor, step);
            move(expected, step);
          }
          expect(at(cursor)).toEqual(at(expected));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('keeps its own copy of a frame', () => {
    const table = new Memtable();
    const content: Content = {
      kind: 1,
      key: Buffer.from('k'),
      timestamp: 1,
      expiresAt: Infinity,
      value: Buffer.from('value'),
    };
    const payload = payloadOf([content]);
    table.addFrame(payload, 1);
    payload.fill(0);
    expect(table.find(content.key, 1, 1)?.value.toString()).toBe('value');
  });

  it('grows', () => {
    const table = new Memtable();
    const entries: Entry[] = [];
    let random = 1;
    for (let frame = 0; frame < 60; frame++) {
      const list = Array.from({ length: 100 }, (): Content => {
        random = (random * 48_271) % 2_147_483_647;
        return {
          kind: 1,
          key: Buffer.from(`key ${random % 500}`),
          timestamp: random % 97,
          expiresAt: random % 5 === 0 ? random : Infinity,
          value: Buffer.from(String(random)),
        };
      });
      addTo(table, entries, list);
    }
    expect(table.entries).toBe(6000);
    expect(table.userBytes).toBe(
      entries.reduce((sum, { key, value }) => sum + key.length + value.length, 0),
    );
    expect(table.memoryBytes).toBeGreaterThan(table.userBytes);
    const [cursor, expected] = [table.cursor(5555), upTo(entries, 5555)];
    const [forward, backward]: [string[], string[]] = [[], []];
    for (cursor.first(), expected.first(); cursor.valid; cursor.next(), expected.next()) {
      forward.push(JSON.stringify(at(cursor)));
      if (forward.at(-1) !== JSON.stringify(at(expected))) expect.fail(`at ${forward.length}`);
    }
    const back = table.cursor(5555);
    for (back.last(); back.valid; back.previous()) backward.push(JSON.stringify(at(back)));
    expect(forward).toHaveLength(5555);
    expect(backward.toReversed()).toEqual(forward);
  });
});
