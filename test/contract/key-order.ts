/** Keys stand in the order of their UTF-8 bytes, which is not that of JavaScript's strings. */
import { describe, expect, test } from 'vitest';
import type { Suite } from '../support/subject.js';

/** In UTF-8 order; UTF-16 units would put the emoji before U+FF5E and U+E000. */
const inOrder = [
  '\0',
  '\0\0',
  '\u0001',
  ' ',
  'A',
  'B',
  'a',
  'a\0',
  'a\0b',
  'aa',
  'a\u007F',
  'a\u0080',
  'b',
  'e\u0301',
  '\u007F',
  '\u0080',
  'é',
  'é!',
  '\u07FF',
  '\u0800',
  '\uD7FF',
  '\uE000',
  '\u{FF5E}',
  '\uFFFF',
  '\u{10000}',
  '\u{1F600}',
  '\u{1F600}a',
  '\u{10FFFF}',
];

export const keyOrder: Suite = (makeStore) => {
  describe('key order', () => {
    test('is that of UTF-8 bytes, in both directions', async () => {
      const store = await makeStore();
      const shuffled = inOrder.map((key, i) => ({ key, at: (i * 11) % inOrder.length }));
      shuffled.sort((a, b) => a.at - b.at);
      for (const { key } of shuffled) await store.set(key, `of ${key}`, 1);
      expect([...store.keys({ at: 1 })]).toEqual(inOrder);
      expect([...store.keys({ at: 1, reverse: true })]).toEqual(inOrder.toReversed());
      expect([...store.scan({ at: 1 })].map(({ value }) => value)).toEqual(
        inOrder.map((key) => `of ${key}`),
      );
    });

    test('bounds and prefixes follow it', async () => {
      const store = await makeStore();
      const operations = inOrder.map((key) => ({ type: 'set' as const, key, value: '', at: 1 }));
      await store.batch(operations);
      const from = (start: string): string[] => inOrder.slice(inOrder.indexOf(start));
      expect([...store.keys({ at: 1, start: '\u{FF5E}' })]).toEqual(from('\u{FF5E}'));
      expect([...store.keys({ at: 1, start: '\u{1F600}' })]).toEqual(from('\u{1F600}'));
      expect([...store.keys({ at: 1, start: '\uE000', end: '\u{10000}' })]).toEqual([
        '\uE000',
        '\u{FF5E}',
        '\uFFFF',
      ]);
      expect([...store.keys({ at: 1, prefix: 'a' })]).toEqual(inOrder.slice(6, 12));
      expect([...store.keys({ at: 1, prefix: '\u{10FFFF}' })]).toEqual(['\u{10FFFF}']);
      expect([...store.keys({ at: 1, prefix: 'é', reverse: true })]).toEqual(['é!', 'é']);
    });

    test('keys are not normalised', async () => {
      const store = await makeStore();
      await store.set('\u00E9', 'one character', 1);
      await store.set('e\u0301', 'two characters', 1);
      expect([store.get('\u00E9', 1), store.get('e\u0301', 1)]).toEqual([
        'one character',
        'two characters',
      ]);
    });
  });
};
