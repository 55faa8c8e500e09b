/** The in-memory structure alone. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TimeMap } from '../../src/index.js';
import { ManualClock } from '../support/manual-clock.js';
import { ModelStore } from '../support/model-store.js';

describe('TimeMap', () => {
  test("answers LeetCode 981's example", () => {
    const timeMap = new TimeMap();
    timeMap.set('foo', 'bar', 1);
    expect(timeMap.get('foo', 1)).toBe('bar');
    expect(timeMap.get('foo', 3)).toBe('bar');
    timeMap.set('foo', 'bar2', 4);
    expect(timeMap.get('foo', 4)).toBe('bar2');
    expect(timeMap.get('foo', 5)).toBe('bar2');
  });

  test("answers '' before the first and for a key that is not there", () => {
    const timeMap = new TimeMap();
    timeMap.set('foo', 'bar', 1);
    expect(timeMap.get('foo', 0)).toBe('');
    expect(timeMap.get('bar', 1)).toBe('');
    expect(timeMap.get('__proto__', 1)).toBe('');
  });

  test('takes timestamps in any order, and the later write of equal ones', () => {
    const timeMap = new TimeMap();
    for (const time of [5, 1, 9, 3]) timeMap.set('k', `at ${time}`, time);
    timeMap.set('k', 'again', 3);
    const read = [0, 1, 2, 3, 4, 5, 8, 9, 10].map((time) => timeMap.get('k', time));
    expect(read).toEqual(['', 'at 1', 'at 1', 'again', 'again', 'at 5', 'at 5', 'at 9', 'at 9']);
  });

  test('equals the plain model', () => {
    const write = fc.record({ key: fc.constantFrom('a', 'b'), at: fc.nat({ max: 30 }) });
    fc.assert(
      fc.property(fc.array(write, { maxLength: 60 }), (writes) => {
        const timeMap = new TimeMap();
        const model = new ModelStore('us', new ManualClock());
        for (const [i, { key, at }] of writes.entries()) {
          timeMap.set(key, `${i}`, at);
          model.set(key, `${i}`, at);
        }
        for (let at = -1; at <= 31; at += 1) {
          for (const key of ['a', 'b', 'c']) {
            expect(timeMap.get(key, at)).toBe(model.get(key, at) ?? '');
          }
        }
      }),
    );
  });

  test('holds 100,000 versions of a key without slowing down', () => {
    const timeMap = new TimeMap();
    for (let time = 0; time < 100_000; time += 1) timeMap.set('k', `${time}`, time * 2);
    for (let time = 0; time < 100_000; time += 1) {
      if (timeMap.get('k', time * 2 + 1) !== `${time}`) throw new Error(`wrong at ${time}`);
    }
    expect(timeMap.get('k', -1)).toBe('');
  });
});
