import { expect, it } from 'vitest';
import { viewOf } from '../../src/base/bytes.js';

it('a view of memory is a buffer like any other', () => {
  const memory = Buffer.allocUnsafeSlow(16).fill('0123456789abcdef');
  const view = viewOf(memory.buffer, 4, 8);
  expect(view).toStrictEqual(memory.subarray(4, 12));
  expect(Object.getPrototypeOf(view)).toBe(Buffer.prototype);
  expect(view.toString()).toBe('456789ab');
  memory[4] = 0x78;
  expect(view.toString()).toBe('x56789ab');
});
