/** Walks over a merge of several sources, held against plain arrays. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareKeys, type Entry, Kind } from '../../src/base/entry.js';
import { MergeCursor } from '../../src/base/merge.js';
import { Memtable } from '../../src/engine/memtable.js';
import {
  HistoriesWalk,
  HistoryWalk,
  keysIn,
  ScanWalk,
  type Sink,
  type Walk,
} from '../../src/engine/scan.js';
import type { Cursor } from '../../src/base/cursor.js';
import {
  ArrayCursor,
  compareEntries,
  contents,
  type Content,
  payloadOf,
  plain,
} from '../support/entries.js';

/** A view of which retention has let nothing go. */
const keepsAll = {
  hasMarks: false,
  requireSinceHorizon: () => undefined,
  requireSinceMark: () => undefined,
};

/** Takes what is given to it, so many at a time. */
class Collected implements Sink {
  readonly entries: Entry[] = [];
  #room = 0;

  get isFull(): boolean {
    return this.#room <= 0;
  }

  makeRoom(room: number): void {
    this.#room = room;
  }

  take(key: Buffer, entry: Cursor): void {
    this.#room--;
    const { timestamp, seq, kind, expiresAt } = entry;
    const value = Buffer.from(entry.value());
    this.entries.push({ key: Buffer.from(key), timestamp, seq, kind, expiresAt, value });
  }

  retake(key: Buffer, entry: Cursor): void {
    this.untake();
    this.take(key, entry);
  }

  untake(): void {
    this.entries.pop();
    this.#room++;
  }
}

/** All that a walk gives, in pieces of every small size. */
function entriesOf(walk: Walk): Entry[] {
  const sink = new Collected();
  let size = 1;
  do sink.makeRoom(1 + (size++ % 4));
  while (walk.more(sink));
  return sink.entries;
}

const walked = (walk: Walk) => entriesOf(walk).map(plain);

/** Frames of one memtable each, but for the last, which goes in an array; seqs go on over all. */
const lists = fc.array(fc.array(contents, { minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 4,
});

function merged(sources: readonly Content[][]): { cursor: MergeCursor; entries: Entry[] } {
  const entries: Entry[] = [];
  const cursors = sources.map((list, index) => {
    const firstSeq = entries.length + 1;
    const own = list.map((content, place) => ({ ...content, seq: firstSeq + place }));
    entries.push(...own);
    if (index === sources.length - 1) return new ArrayCursor(own);
    const table = new Memtable();
    table.addFrame(payloadOf(list), firstSeq);
    return table.cursor(Infinity);
  });
  return { cursor: new MergeCursor(cursors), entries };
}

const bound = fc.option(
  fc.constantFrom('', 'a', 'aa', 'b', '\u{ff}', 'zzz').map((text) => Buffer.from(text)),
  { nil: undefined },
);
const keyBounds = fc.record({ start: bound, end: bound, reverse: fc.boolean() });
type KeyBounds = { start: Buffer | undefined; end: Buffer | undefined; reverse: boolean };

/** The versions of each key within the bounds, newest first, replaced ones left out. */
function histories(entries: readonly Entry[], { start, end, reverse }: KeyBounds): Entry[][] {
  const byKey = new Map<string, Entry[]>();
  for (const entry of entries.toSorted(compareEntries)) {
    if (start !== undefined && compareKeys(entry.key, start) < 0) continue;
    if (end !== undefined && compareKeys(entry.key, end) >= 0) continue;
    const name = entry.key.toString('hex');
    const versions = byKey.get(name) ?? [];
    if (versions.at(-1)?.timestamp !== entry.timestamp) versions.push(entry);
    byKey.set(name, versions);
  }
  const all = [...byKey.values()];
  return reverse ? all.toReversed() : all;
}

describe('a merge of sources', () => {
  it('goes both ways as one sorted array does, turning at will', () => {
    const steps = fc.array(fc.constantFrom('next', 'previous', 'first', 'last'), { maxLength: 40 });
    fc.assert(
      fc.property(lists, steps, (sources, path) => {
        const { cursor, entries } = merged(sources);
        const expected = new ArrayCursor(entries);
        cursor.first();
        expected.first();
        for (const step of path) {
          if (!expected.valid && (step === 'next' || step === 'previous')) continue;
          cursor[step]();
          expected[step]();
          expect(cursor.valid).toBe(expected.valid);
          if (!expected.valid) continue;
          expect(cursor.seq).toBe(expected.seq);
          if (step === 'first' || step === 'last') continue;
          expect(cursor.staysOnKey).toBe(expected.staysOnKey);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a scan', () => {
  it('answers each key that has a value as of a time', () => {
    fc.assert(
      fc.property(lists, keyBounds, fc.integer({ min: -4, max: 4 }), (sources, bounds, time) => {
        const { cursor, entries } = merged(sources);
        const expected = histories(entries, bounds)
          .flatMap((versions) => versions.find(({ timestamp }) => timestamp <= time) ?? [])
          .filter(({ kind, expiresAt }) => kind === Kind.value && time < expiresAt);
        expect(walked(new ScanWalk(cursor, bounds, { time, view: keepsAll }))).toEqual(
          expected.map(plain),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('answers each key that has any history', () => {
    fc.assert(
      fc.property(lists, keyBounds, (sources, bounds) => {
        const { cursor, entries } = merged(sources);
        const expected = histories(entries, bounds).map(([first]) => first!.key.toString('hex'));
        const found = Array.from(keysIn(cursor, bounds), (key) => key.toString('hex'));
        expect(found).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('passes over many versions of a key', () => {
    const versions = (key: string) =>
      Array.from({ length: 50 }, (_, index): Content => ({
        kind: Kind.value,
        key: Buffer.from(key),
        timestamp: index,
        expiresAt: Infinity,
        value: Buffer.from(String(index)),
      }));
    const { cursor } = merged([versions('b'), versions('a'), versions('c')]);
    for (const reverse of [false, true]) {
      const found = new ScanWalk(
        cursor,
        { start: undefined, end: undefined, reverse },
        { time: 30, view: keepsAll },
      );
      const answers = entriesOf(found).map(
        ({ key, value }) => `${key.toString()}${value.toString()}`,
      );
      expect(answers).toEqual(reverse ? ['c30', 'b30', 'a30'] : ['a30', 'b30', 'c30']);
    }
  });
});

describe('a history', () => {
  it('answers the versions between two times, each timestamp once', () => {
    const time = fc.integer({ min: -4, max: 4 });
    fc.assert(
      fc.property(
        lists,
        fc.constantFrom('a', 'aa', 'b', 'nothing'),
        fc.record({ from: time, to: time, reverse: fc.boolean() }),
        (sources, name, bounds) => {
          const key = Buffer.from(name);
          const { cursor, entries } = merged(sources);
          const only = entries.filter((entry) => compareKeys(entry.key, key) === 0);
          const all = { start: undefined, end: undefined, reverse: false };
          const newestFirst = (histories(only, all)[0] ?? []).filter(
            ({ timestamp }) => timestamp >= bounds.from && timestamp <= bounds.to,
          );
          const expected = bounds.reverse ? newestFirst : newestFirst.toReversed();
          const found = walked(new HistoryWalk(cursor, key, bounds));
          expect(found).toEqual(expected.map(plain));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('of all keys is one after the other', () => {
    fc.assert(
      fc.property(lists, (sources) => {
        const { cursor, entries } = merged(sources);
        const all = { start: undefined, end: undefined, reverse: false };
        const expected = histories(entries, all).flatMap((newestFirst) => newestFirst.toReversed());
        expect(walked(new HistoriesWalk(cursor))).toEqual(expected.map(plain));
      }),
      { numRuns: 500 },
    );
  });
});
