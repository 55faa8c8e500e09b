import { hashOf } from '../../../src/engine/node-index.js';

/** Keys that come to lie in a row in any table of hashes of up to 2,048 slots. */
export function keysInOneSlot(count: number): Buffer[] {
  const keys: Buffer[] = [];
  for (let number = 0; keys.length < count; number++) {
    const key = Buffer.from(`key ${number}`);
    if (hashOf(key, 0, key.length) % 2048 === 7) keys.push(key);
  }
  return keys;
}
