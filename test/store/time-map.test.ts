/** The in-memory structure alone. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TimeMap } from '../../src/index.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { ManualClock } from '../support/manual-clock.js';
import { ModelStore } from '../support/model-store.js';
import { Random } from '../support/random.js';

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

  test('gives back whatever a string holds, of any length', () => {
    const texts = ['', '\0', 'é', 'ÿ', 'Ā', '\u{1F600}', '\uD800', 'a\uDC00b', '\uFEFFx'];
    const long = [63, 64, 127, 128, 8191, 8192, 2 ** 20, 2 ** 20 + 1].flatMap((length) => [
      'x'.repeat(length),
      'Ā'.repeat(length),
    ]);
    const timeMap = new TimeMap();
    const all = [...texts, ...long];
    for (const [at, text] of all.entries()) timeMap.set(`key ${text}`, text, at);
    for (const [at, text] of all.entries()) {
      if (timeMap.get(`key ${text}`, at) !== text)
        throw new Error(`text ${at} came back otherwise`);
      expect(timeMap.get(`key ${text}x`, at)).toBe('');
    }
  });

  test('answers as a plain map, through many replacements of all lengths', () => {
    const random = new Random();
    const timeMap = new TimeMap();
    const plain = new Map<string, string>();
    const lengths = [0, 3, 40, 500, 9000];
    for (let step = 0; step < 20_000; step++) {
      const key = `key ${random.integer(0, 50)}${random.integer(0, 9) === 0 ? 'é\u{1F600}' : ''}`;
      const time = random.integer(0, 20) / 2;
      const value = random.pick(['a', 'Ā']).repeat(random.pick(lengths)) + step;
      timeMap.set(key, value, time);
      plain.set(`${key} ${time}`, value);
    }
    const wrong = [...plain].filter(([place, value]) => {
      const at = place.lastIndexOf(' ');
      return timeMap.get(place.slice(0, at), Number(place.slice(at))) !== value;
    });
    expect(wrong).toEqual([]);
  });

  test('takes numbers that are no integers, the greatest and the least too', () => {
    const timeMap = new TimeMap();
    const times = [-Number.MAX_VALUE, -0.5, 0, 5e-324, 0.1, 1e300];
    for (const time of times) timeMap.set('k', `at ${time}`, time);
    for (const time of times) expect(timeMap.get('k', time)).toBe(`at ${time}`);
    expect(timeMap.get('k', -0)).toBe('at 0');
    expect(timeMap.get('k', Infinity)).toBe('at 1e+300');
    expect(timeMap.get('k', -Infinity)).toBe('');
    expect(timeMap.get('k', NaN)).toBe('');
  });

  test.each([NaN, Infinity, -Infinity])('refuses %d as a timestamp', async (timestamp) => {
    const timeMap = new TimeMap();
    await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => {
      timeMap.set('k', 'v', timestamp);
    });
    expect(timeMap.get('k', 0)).toBe('');
  });

  test.each([
    [200_000, 1, 64],
    [20_000, 10, 48],
    [2, 100_000, 48],
  ])('of %i keys with %i versions takes less than %i bytes a version', (keys, versions, most) => {
    const before = bytesHeld();
    const timeMap = new TimeMap();
    const bytes = fill(timeMap, keys, versions);
    const taken = bytesHeld() - before;
    const overhead = (taken - bytes) / (keys * versions);
    expect(overhead).toBeGreaterThan(0);
    expect(overhead).toBeLessThan(most);
    expect(timeMap.get('key 00000001', versions)).toBe('value 0000000001');
  });
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** By everybody in this process. */
function bytesHeld(): number {
  collectGarbage();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

/** In the order of time; answers how many bytes keys and values have. */
function fill(timeMap: TimeMap, keys: number, versions: number): number {
  let bytes = 0;
  for (let time = 0; time < versions; time++) {
    for (let number = 0; number < keys; number++) {
      const key = `key ${String(number).padStart(8, '0')}`;
      const value = `value ${String(number).padStart(10, '0')}`;
      timeMap.set(key, value, time);
      bytes += value.length + (time === 0 ? key.length : 0);
    }
  }
  return bytes;
}
