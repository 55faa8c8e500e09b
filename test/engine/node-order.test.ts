/** Sorting by the digits of keys, beside sorting by comparing them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Ordered, sortNodes } from '../../src/engine/node-order.js';

interface Node {
  key: Buffer;
  version: number;
}

/** Nodes by number, with versions that fall. */
function ordered(nodes: readonly Node[]): Ordered {
  const node = (at: number): Node => nodes[at]!;
  const compareVersions = (a: number, b: number): number => node(b).version - node(a).version;
  return {
    keyLength: (at) => node(at).key.length,
    keyMemory: (at) => node(at).key,
    keyStart: () => 0,
    compareVersions,
    compareNodes: (a, b) => Buffer.compare(node(a).key, node(b).key) || compareVersions(a, b),
  };
}

function expectSorted(nodes: readonly Node[]): void {
  const order = ordered(nodes);
  const sorted = Uint32Array.from(nodes.keys());
  for (const _ of sortNodes(sorted, order));
  const expected = [...nodes.keys()].toSorted((a, b) => order.compareNodes(a, b));
  expect([...sorted]).toEqual(expected);
}

/** Few bytes, zero and the greatest among them: keys are often the same, or one begins another. */
const keys = fc
  .oneof(
    fc.array(fc.constantFrom(0, 0xff), { minLength: 1, maxLength: 3 }),
    fc.array(fc.constantFrom(0, 1, 0x61, 0xff), { minLength: 1, maxLength: 12 }),
  )
  .map((bytes) => Buffer.from(bytes));
const beginnings = fc.constantFrom('', 'a', 'the same in all of them/');

describe('many nodes at once', () => {
  it('are sorted as by comparing them', () => {
    fc.assert(
      fc.property(
        fc.array(keys, { maxLength: 300, size: 'max' }),
        beginnings,
        (list, beginning) => {
          const begin = Buffer.from(beginning);
          expectSorted(list.map((key, version) => ({ key: Buffer.concat([begin, key]), version })));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('may be more than fit beside four bytes', () => {
    const nodes = Array.from({ length: 70_000 }, (_, version) => ({
      key: Buffer.from(`key/${String((version * 7919) % 30_011).padStart(9, '0')}`),
      version,
    }));
    expectSorted(nodes);
  });

  it('may all be versions of one key', () => {
    expectSorted(Array.from({ length: 500 }, (_, version) => ({ key: Buffer.from('k'), version })));
  });
});
