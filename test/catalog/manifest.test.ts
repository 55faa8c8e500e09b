import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manifestChecksum, type Manifest } from '../../src/catalog/manifest.js';
import { manifest } from '../support/manifests.js';

/** Every manifest that differs from the given one in a single value. */
function* variants(of: Manifest): Generator<Manifest> {
  yield { ...of, epoch: of.epoch + 1 };
  for (const [name, value] of Object.entries(of.settings)) {
    yield { ...of, settings: { ...of.settings, [name]: changed(value) } };
  }
  for (const list of ['segments', 'wals', 'losses'] as const) {
    for (const [index, row] of of[list].entries()) {
      for (const [name, value] of Object.entries(row)) {
        const rows = of[list].with(index, { ...row, [name]: changed(value) } as never);
        yield { ...of, [list]: rows };
      }
    }
    yield { ...of, [list]: of[list].toReversed() };
    yield { ...of, [list]: of[list].slice(1) };
  }
}

function changed(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (Buffer.isBuffer(value)) return Buffer.concat([value, Buffer.from([0])]);
  return `${String(value)}0`;
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
