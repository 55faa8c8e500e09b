import { describe, expect, it } from 'vitest';
import { Kind } from '../../src/base/entry.js';
import { Judge, type Write } from '../../src/engine/judge.js';
import type { Stored } from '../../src/engine/stored.js';
import { noNow } from '../../src/wal/format.js';
import { storedBy, write } from '../support/judging.js';

describe('erasing what retention has left', () => {
  const kept = {
    markOf: () => 5,
    keptOf: () => [10, 20],
    marksKeys: true,
    hasSnapshots: false,
  };
  const stored: Stored = {
    find: (_, timestamp) => ({ timestamp, seq: 1, kind: Kind.value, expiresAt: Infinity }),
    isThere: () => true,
    timestampsOf: () => [20, 10],
    expired: () => [],
    firstWriteOf: () => 1,
    wasLetGo: () => false,
    snapshotHorizon: -Infinity,
    ...kept,
  };
  const start = { unit: 'us' as const, clockNow: 1000, seq: 10, lastNow: noNow };
  const kindOf = (at: number, horizon: number) => {
    const erasing = write('k', { kind: Kind.erasure, at });
    const { contents } = new Judge({ ...start, horizon }, stored).judge({
      writes: [erasing],
      nowPerWrite: false,
    });
    return contents[0]?.kind;
  };

  // A merge that has not seen the erasure drops the mark behind what lies at the horizon.
  it.each([
    [10, 15, Kind.markingErasure],
    [10, 5, Kind.erasure],
    [20, 25, Kind.erasure],
  ])('at %i, with the horizon at %i, writes the kind %i', (at, horizon, kind) => {
    expect(kindOf(at, horizon)).toBe(kind);
  });
});

describe('a tombstone at the horizon', () => {
  const start = { unit: 'us' as const, clockNow: 1000, seq: 10, lastNow: noNow, horizon: 5 };
  const tombstone = write('k', { kind: Kind.tombstone, at: 5 });
  const bumped = write('k', { at: 5, onConflict: 'bump' });
  const together = (...writes: Write[]) => ({ writes, nowPerWrite: false });
  const newStore = () => storedBy(() => undefined);

  it('takes no timestamp, in the same batch or a later one', () => {
    expect(new Judge(start, newStore()).judge(together(tombstone, bumped)).answers).toEqual([5, 5]);
    const judge = new Judge(start, newStore());
    judge.judge(together(tombstone));
    expect(judge.judge(together(bumped)).answers).toEqual([5]);
  });

  it('takes one where it lies later, or a value has replaced it', () => {
    const later = write('k', { kind: Kind.tombstone, at: 6 });
    const after = write('k', { at: 6, onConflict: 'bump' });
    expect(new Judge(start, newStore()).judge(together(later, after)).answers).toEqual([6, 7]);
    const value = write('k', { at: 5 });
    const three = together(tombstone, value, bumped);
    expect(new Judge(start, newStore()).judge(three).answers).toEqual([5, 5, 6]);
  });
});
