import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SegmentProperties } from '../../src/base/segment-properties.js';
import { manifestChecksum, type Manifest } from '../../src/catalog/manifest.js';
import { manifest } from '../support/manifests.js';

/** Every manifest that differs from the given one in a single value. */
function* variants(of: Manifest): Generator<Manifest> {
  yield { ...of, epoch: of.epoch + 1 };
  for (const [name, value] of Object.entries(of.settings)) {
    yield { ...of, settings: { ...of.settings, [name]: changed(value) } };
  }
  const [first, second] = of.segments;
  const { traits } = second!;
  for (const [name, value] of Object.entries({ ...traits, ...traits?.expiredTo })) {
    const { expiredTo } = traits!;
    const isPlace = name === 'key' || name === 'timestamp';
    if (name === 'expiredTo') continue;
    const changes = isPlace
      ? { expiredTo: { ...expiredTo, [name]: changed(value) } }
      : { [name]: changed(value) };
    const variant = { ...second, traits: { ...traits, ...changes } } as SegmentProperties;
    yield { ...of, segments: [first!, variant] };
  }
  for (const list of [
    'segments',
    'wals',
    'losses',
    'emptied',
    'snapshots',
    'retention',
    'backups',
    'origins',
  ] as const) {
    for (const [index, row] of of[list].entries()) {
      for (const [name, value] of Object.entries(row)) {
        if (name === 'traits' && value !== undefined) continue;
        const rows = of[list].with(index, { ...row, [name]: changed(value) } as never);
        yield { ...of, [list]: rows };
      }
    }
    if (of[list].length > 1) yield { ...of, [list]: of[list].toReversed() };
    yield { ...of, [list]: of[list].slice(1) };
  }
}

function changed(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (value === undefined) {
    return { erasures: 1, historyErasures: 0, expiries: 0, heldValues: 0, marks: 0 };
  }
  if (Buffer.isBuffer(value)) return Buffer.concat([value, Buffer.from([0])]);
  return `${value as string}0`;
}

describe('the checksum of a manifest', () => {
  it('is another for every single value that is another', () => {
    const seen = new Set([manifestChecksum(manifest)]);
    let count = 1;
    for (const variant of variants(manifest)) {
      seen.add(manifestChecksum(variant));
      count++;
    }
    expect(count).toBeGreaterThan(30);
    expect(seen.size).toBe(count);
  });

  it('does not depend on how a key happens to be spelled', () => {
    const key = fc.uint8Array({ minLength: 1, maxLength: 12 });
    const sum = (minKey: Buffer) =>
      manifestChecksum({ ...manifest, segments: [{ ...manifest.segments[0]!, minKey }] });
    fc.assert(
      fc.property(key, key, (a, b) => {
        const areSame = Buffer.compare(a, b) === 0;
        expect(sum(Buffer.from(a)) === sum(Buffer.from(b))).toBe(areSame);
      }),
    );
  });
});
