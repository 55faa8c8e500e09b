import { expect, it } from 'vitest';
import { open } from '../../src/index.js';

it('loads rows under their own keys, whatever a codec reads meanwhile', async () => {
  const other = await open(':memory:');
  const codec = {
    encode: (text: string) => {
      other.get('zzz');
      return Buffer.from(text);
    },
    decode: (bytes: Buffer) => bytes.toString(),
  };
  const store = await open(':memory:', { codec });
  await store.load([{ key: 'abc', value: 'v', at: 1 }]);
  expect([...store.keys({ all: true })]).toEqual(['abc']);
  await store.close();
  await other.close();
});
