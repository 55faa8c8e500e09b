import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Kind } from '../../src/base/entry.js';
import { TimekvError } from '../../src/base/errors.js';
import { timestampMax } from '../../src/base/limits.js';
import { hasConditions, Judge, type Write } from '../../src/engine/judge.js';
import { noNow } from '../../src/wal/format.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { storedBy, write } from '../support/judging.js';

interface There {
  key: string;
  timestamp: number;
  seq: number;
  kind?: Kind;
  expiresAt?: number;
}

interface Start {
  unit?: 'us' | 'tick';
  clockNow?: number;
  seq?: number;
  lastNow?: number;
  there?: There[];
}

function newJudge(start: Start = {}): Judge {
  const { unit = 'us', clockNow = 1000, seq = 10, lastNow = noNow, there = [] } = start;
  const find = (key: Buffer, timestamp: number) =>
    there
      .map((each) => ({ kind: Kind.value, expiresAt: Infinity, ...each }))
      .filter((each) => each.key === key.toString() && each.timestamp <= timestamp)
      .sort((a, b) => b.timestamp - a.timestamp || b.seq - a.seq)[0];
  return new Judge({ unit, clockNow, seq, lastNow, horizon: -Infinity }, storedBy(find));
}

/** A judge over an empty store, or one that has these times taken, that counts its lookups. */
function countingJudge(isTaken: (timestamp: number) => boolean = () => false) {
  const lookups = { count: 0 };
  const find = (_: Buffer, timestamp: number) => {
    lookups.count++;
    return isTaken(timestamp)
      ? { timestamp, seq: 1, kind: Kind.value, expiresAt: Infinity }
      : undefined;
  };
  const start = {
    unit: 'us' as const,
    clockNow: 1000,
    seq: 10,
    lastNow: noNow,
    horizon: -Infinity,
  };
  return { judge: new Judge(start, storedBy(find)), lookups };
}

function times(judge: Judge, writes: Write[], nowPerWrite = false): number[] {
  return judge.judge({ writes, nowPerWrite }).answers;
}

describe('now', () => {
  it('is the clock, or one more than the last one given', () => {
    const judge = newJudge({ lastNow: 998 });
    expect(times(judge, [write('a')])).toEqual([1000]);
    expect(times(judge, [write('a')])).toEqual([1001]);
    expect(judge.lastNow).toBe(1001);
    expect(times(newJudge({ lastNow: 5000 }), [write('a')])).toEqual([5001]);
    expect(times(newJudge({ clockNow: -7 }), [write('a')])).toEqual([-7]);
  });

  it('is one for a batch, and one for each row of a load', () => {
    expect(times(newJudge(), [write('a'), write('b', { at: 3 }), write('c')])).toEqual([
      1000, 3, 1000,
    ]);
    const rows = [write('a'), write('b', { at: 3 }), write('c')];
    expect(times(newJudge(), rows, true)).toEqual([1000, 3, 1001]);
  });

  it('is not moved by explicit times, and is by a bumped one', () => {
    const judge = newJudge({ there: [{ key: 'a', timestamp: 1000, seq: 1 }] });
    times(judge, [write('b', { at: 50_000 })]);
    expect(judge.lastNow).toBe(noNow);
    expect(times(judge, [write('a', { onConflict: 'bump' })])).toEqual([1001]);
    expect(judge.lastNow).toBe(1001);
  });

  it('counts ticks from the largest timestamp, within a batch too', () => {
    const judge = newJudge({ unit: 'tick', clockNow: NaN });
    expect(times(judge, [write('a'), write('b', { at: 7 }), write('c')])).toEqual([1, 7, 8]);
    expect(judge.lastNow).toBe(8);
    expect(times(judge, [write('a', { at: 2 })])).toEqual([2]);
    expect(judge.lastNow).toBe(8);
  });

  it('has an end', async () => {
    for (const unit of ['us', 'tick'] as const) {
      const judge = newJudge({ unit, lastNow: timestampMax });
      await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => times(judge, [write('a')]));
    }
  });

  it.each([NaN, 0.5, Infinity, 2 ** 53])('is no clock that says %d', async (clockNow) => {
    const judge = newJudge({ clockNow });
    expect(times(judge, [write('a', { at: 1 })])).toEqual([1]);
    await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => times(judge, [write('a')]));
  });
});

describe('a taken timestamp', () => {
  const there: There[] = [
    { key: 'a', timestamp: 5, seq: 1 },
    { key: 'a', timestamp: 6, seq: 2, kind: Kind.tombstone },
    { key: 'a', timestamp: 7, seq: 3, expiresAt: 8 },
  ];

  it('is replaced unless asked otherwise', () => {
    expect(times(newJudge({ there }), [write('a', { at: 5 })])).toEqual([5]);
  });

  it.each([5, 6, 7])('refuses a write with fail (%i)', async (at) => {
    const judge = newJudge({ there });
    await expectRefusal('ERR_TIMEKV_CONFLICT', () =>
      times(judge, [write('a', { at, onConflict: 'fail' })]),
    );
    expect(times(judge, [write('a', { at: 8, onConflict: 'fail' })])).toEqual([8]);
    expect(times(judge, [write('b', { at, onConflict: 'fail' })])).toEqual([at]);
  });

  it('is passed over with bump, as far as that may go', async () => {
    const bump = (maxBump: number) => [write('a', { at: 5, onConflict: 'bump', maxBump })];
    expect(times(newJudge({ there }), bump(3))).toEqual([8]);
    await expectRefusal('ERR_TIMEKV_CONFLICT', () => times(newJudge({ there }), bump(2)));
  });

  it('may be one that was taken a moment ago', async () => {
    const judge = newJudge();
    const twice = [
      write('a', { at: 1, onConflict: 'bump' }),
      write('a', { at: 1, onConflict: 'bump' }),
    ];
    expect(times(judge, twice)).toEqual([1, 2]);
    expect(times(judge, twice)).toEqual([3, 4]);
    await expectRefusal('ERR_TIMEKV_CONFLICT', () =>
      times(judge, [write('a', { at: 4, onConflict: 'fail' })]),
    );
  });
});

/** What grows with the square of the operations would take minutes here. */
describe('many conditions on one key', () => {
  const count = 100_000;
  const all = Array.from({ length: count }, (_, index) => index);

  it('cost one lookup each with fail, in one batch and in many', () => {
    const options = (at: number) => ({ at: (at * 7919) % count, onConflict: 'fail' as const });
    const { judge, lookups } = countingJudge();
    times(
      judge,
      all.map((at) => write('a', options(at))),
    );
    expect(lookups.count).toBe(count);
    const other = countingJudge();
    for (const at of all) times(other.judge, [write('a', options(at))]);
    expect(other.lookups.count).toBe(count);
    expect(other.judge.seq).toBe(10 + count);
  });

  it('with bump ask for each time once, whatever time they begin at', () => {
    const bump = (at: number) => write('a', { at, onConflict: 'bump', maxBump: 1e9 });
    const inStore = (timestamp: number) => timestamp < 5000;
    const { judge, lookups } = countingJudge(inStore);
    const same = times(
      judge,
      all.map(() => bump(0)),
    );
    expect(same).toEqual(all.map((index) => 5000 + index));
    expect(lookups.count).toBe(5000 + count);
    const other = countingJudge(inStore);
    const found = all.flatMap((index) => times(other.judge, [bump(index % 3000)]));
    expect(found).toEqual(all.map((index) => 5000 + index));
    expect(other.lookups.count).toBe(5000 + count);
  });

  it('with ifSeq ask once each, before the batch and after others', () => {
    const { judge, lookups } = countingJudge();
    times(
      judge,
      all.map((at) => write('a', { at, ifSeq: 'none' })),
    );
    expect(lookups.count).toBe(count);
    for (let at = 0; at < 1000; at++) times(judge, [write('a', { at, ifSeq: 11 + at })]);
    expect(lookups.count).toBe(count + 1000);
  });
});

describe('what was let pass', () => {
  const operations = fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: 6 }),
      onConflict: fc.constantFrom('replace', 'fail', 'bump'),
      maxBump: fc.integer({ min: 0, max: 5 }),
      ifSeq: fc.constantFrom<Write['ifSeq'][]>(undefined, undefined, undefined, 'none', 11, 12),
    }),
    { minLength: 1, maxLength: 6 },
  );

  it('is judged as by one who looks at each time and each write', () => {
    fc.assert(
      fc.property(fc.array(operations, { maxLength: 12 }), (batches) => {
        const judge = newJudge({ there: [{ key: 'a', timestamp: 2, seq: 1 }] });
        let there = [{ timestamp: 2, seq: 1 }];
        for (const batch of batches) {
          const after = judgedOneByOne(there, batch, judge.seq);
          const act = () =>
            times(
              judge,
              batch.map((options) => write('a', options)),
            );
          if (after === undefined) expect(act).toThrow(TimekvError);
          else expect(act()).toEqual(after.slice(there.length).map(({ timestamp }) => timestamp));
          there = after ?? there;
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** The versions after a batch, in the order written; undefined if it is refused. */
function judgedOneByOne(
  there: readonly { timestamp: number; seq: number }[],
  batch: readonly Pick<Partial<Write>, 'at' | 'onConflict' | 'maxBump' | 'ifSeq'>[],
  seqBefore: number,
): { timestamp: number; seq: number }[] | undefined {
  const after = [...there];
  for (const { at = 0, onConflict, maxBump = 0, ifSeq } of batch) {
    let timestamp = at;
    const isTaken = () => after.some((each) => each.timestamp === timestamp);
    if (onConflict === 'bump') while (timestamp <= at + maxBump && isTaken()) timestamp++;
    if (onConflict !== 'replace' && (timestamp > at + maxBump || isTaken())) return undefined;
    const [found] = there
      .filter((each) => each.timestamp <= timestamp)
      .sort((a, b) => b.timestamp - a.timestamp || b.seq - a.seq);
    if (ifSeq !== undefined && ifSeq !== (found?.seq ?? 'none')) return undefined;
    after.push({ timestamp, seq: seqBefore + after.length - there.length + 1 });
  }
  return after;
}

describe('ifSeq', () => {
  const there: There[] = [
    { key: 'a', timestamp: 5, seq: 3 },
    { key: 'b', timestamp: 5, seq: 4, kind: Kind.tombstone },
    { key: 'c', timestamp: 5, seq: 5, expiresAt: 20 },
  ];

  it.each<[key: string, at: number, answer: number | 'none']>([
    ['a', 5, 3],
    ['a', 9, 3],
    ['a', 4, 'none'],
    ['b', 9, 'none'],
    ['c', 19, 5],
    ['c', 20, 'none'],
    ['d', 9, 'none'],
  ])('holds for %s at %i if it is %s', async (key, at, answer) => {
    for (const ifSeq of [3, 4, 5, 'none'] as const) {
      const act = () => times(newJudge({ there }), [write(key, { at, ifSeq })]);
      if (ifSeq === answer) expect(act()).toEqual([at]);
      else await expectRefusal('ERR_TIMEKV_CONFLICT', act);
    }
  });

  it('is held against the state before the batch, and after the batches before it', async () => {
    const judge = newJudge({ seq: 10 });
    const twice = [write('a', { at: 1, ifSeq: 'none' }), write('a', { at: 2, ifSeq: 'none' })];
    expect(times(judge, twice)).toEqual([1, 2]);
    await expectRefusal('ERR_TIMEKV_CONFLICT', () =>
      times(judge, [write('a', { at: 3, ifSeq: 'none' })]),
    );
    expect(times(judge, [write('a', { at: 3, ifSeq: 12 })])).toEqual([3]);
    expect(judge.seq).toBe(13);
  });
});

describe('a batch', () => {
  it('that is refused leaves no trace', async () => {
    const judge = newJudge({ there: [{ key: 'b', timestamp: 1, seq: 1 }] });
    const refused = [
      write('a', { at: 1, onConflict: 'bump' }),
      write('a'),
      write('b', { at: 1, onConflict: 'fail' }),
    ];
    await expectRefusal('ERR_TIMEKV_CONFLICT', () => times(judge, refused));
    expect({ seq: judge.seq, lastNow: judge.lastNow }).toEqual({ seq: 10, lastNow: noNow });
    expect(times(judge, [write('a', { at: 1, onConflict: 'fail' })])).toEqual([1]);
    expect(times(judge, [write('a', { ifSeq: 11 })])).toEqual([1000]);
  });

  it('takes a seq for each operation', () => {
    const judge = newJudge({ seq: 41 });
    times(judge, [write('a'), write('b'), write('a', { kind: Kind.tombstone })]);
    expect(judge.seq).toBe(44);
  });

  it('says whether it has conditions', () => {
    const has = (options: Partial<Write>) =>
      hasConditions({ writes: [write('a'), write('b', options)], nowPerWrite: false });
    expect(has({})).toBe(false);
    expect(has({ onConflict: 'fail' })).toBe(true);
    expect(has({ onConflict: 'bump' })).toBe(true);
    expect(has({ ifSeq: 'none' })).toBe(true);
  });
});

describe('an expiry', () => {
  const expiryOf = (options: Partial<Write>) =>
    newJudge()
      .judge({ writes: [write('a', options)], nowPerWrite: false })
      .contents.map(({ expiresAt }) => expiresAt);

  it('counts from the version’s own timestamp', () => {
    expect(expiryOf({})).toEqual([Infinity]);
    expect(expiryOf({ ttl: 5 })).toEqual([1005]);
    expect(expiryOf({ at: 3, ttl: 5 })).toEqual([8]);
    expect(expiryOf({ at: 3, expiresAt: 4 })).toEqual([4]);
  });

  it.each<Partial<Write>>([
    { at: 3, expiresAt: 3 },
    { expiresAt: 1000 },
    { at: timestampMax, ttl: 1 },
  ])('must come after it: %j', async (options) => {
    await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => expiryOf(options));
  });
});
