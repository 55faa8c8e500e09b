import { describe, expect, it } from 'vitest';
import { Kind } from '../../src/base/entry.js';
import { type Retention, Trimming } from '../../src/engine/trimming.js';

const nothing: Retention = { horizon: -Infinity, isWhole: true, keep: undefined };
const both = { horizon: 25, isWhole: true, keep: undefined };

/** Entries of one key, newest first: timestamps, each with its seq, and T for a tombstone. */
function judged(retention: Retention, entries: string, snapshots: number[] = []): string {
  const trimming = new Trimming(retention, snapshots);
  trimming.beginKey();
  let last = NaN;
  return entries
    .split(' ')
    .map((entry) => {
      const [, at, seq, kind] = /(\d+)\/(\d+)(\w?)/.exec(entry) ?? [];
      const timestamp = Number(at);
      const isReplaced = timestamp === last;
      last = timestamp;
      const kinds: Record<string, Kind> = { T: Kind.tombstone, M: Kind.mark };
      const of = { timestamp, seq: Number(seq), kind: kinds[kind ?? ''] ?? Kind.value };
      const verdict = trimming.judge(of, isReplaced);
      return { stays: '+', goes: '-', 'becomes a mark': 'M' }[verdict];
    })
    .join('');
}

describe('what lies before the horizon', () => {
  it.each([
    ['30/3 20/2 10/1', '++-'],
    ['25/3 10/1', '+-'],
    ['30/3 20/2T 10/1', '+--'],
    // Replaced writes go where it reaches.
    ['30/4 30/3 20/2 20/1', '+++-'],
    // What a mark says is known by the version at the horizon.
    ['30/3 20/2 10/1M', '++-'],
  ])('of %s leaves %s', (entries, left) => {
    expect(judged(both, entries)).toBe(left);
  });

  it('keeps a tombstone where something older may lie elsewhere, or is held', () => {
    expect(judged({ ...both, isWhole: false }, '20/2T 10/1')).toBe('+-');
    expect(judged(both, '20/2T 10/1', [1])).toBe('++');
  });

  it('keeps what a snapshot can have seen', () => {
    expect(judged(both, '30/5 20/4 15/3 10/2 5/1', [2])).toBe('++-++');
  });
});

describe('counted versions', () => {
  const keep = (versions: number, since = Infinity) => {
    return { ...nothing, keep: { versions, now: 40, since } };
  };
  it.each([
    [keep(2), '50/5 40/4 30/3 20/2 10/1', '+++M-'],
    [keep(1), '40/4T 30/3', '+M'],
    [keep(1), '40/4 40/3 30/2 30/1', '+-M-'],
    [keep(3), '40/4 30/3 20/2', '+++'],
    // With a time: all later ones stay, and the newest one up to there.
    [keep(1, 25), '40/4 30/3 20/2 10/1', '+++M'],
    [keep(3, 35), '40/4 30/3 20/2 10/1', '+++M'],
    // A mark that is there already stays, where nothing covers it.
    [keep(2), '40/4 30/3 20/2M', '+++'],
    [keep(1), '40/4 30/3 20/2M', '+M-'],
  ])('%#: of %s leave %s', (retention, entries, left) => {
    expect(judged(retention, entries)).toBe(left);
  });

  it('let go of the first one that no snapshot holds, and hide what is held behind it', () => {
    expect(judged(keep(1), '40/9 30/2 20/8 10/1', [5])).toBe('++M+');
    expect(judged(keep(1), '40/9 30/2 20/1', [5])).toBe('+++');
  });
});

it('lets nothing go behind a mark but what is held', () => {
  expect(judged(nothing, '30/9 20/8M 10/7 5/1', [1])).toBe('++-+');
});
