/** What a user of the package writes, and what it prints. */

/** A program, which needs keyv too. */
export const program = `import Keyv from 'keyv';
import { open, TimeMap } from 'timekv';
import { KeyvTimekv } from 'timekv/keyv';

const store = await open('data');
await store.set('price', '19.90', new Date('2025-01-01'));
await store.set('price', '24.90', new Date('2025-03-01'));
console.log(store.get('price', new Date('2025-02-14')), store.get('price'));
for (const { timestamp, value } of store.history('price')) console.log(timestamp, value);
await store.close();

const map = new TimeMap();
map.set('a', 'one', 1);
map.set('a', 'two', 5);
console.log(map.get('a', 4), map.get('a', 5));

const cache = new Keyv({ store: new KeyvTimekv('cache'), namespace: 'rates' });
await cache.set('eur', 1.08);
console.log(await cache.get('eur'));
await cache.disconnect();
`;

export const programPrints = `19.90 24.90
1735689600000000 19.90
1740787200000000 24.90
one two
1.08
`;

/** The least of a program: what fails where there is no SQLite. */
export const leastProgram = `import { open } from 'timekv';
try {
  const store = await open('data');
  await store.set('a', '1');
  console.log(store.get('a'));
  await store.close();
} catch ({ name, code, message }) {
  console.log(name, code, message);
}
`;

/** Nothing in it may be \`any\`: a wrong line must be an error. */
export const typedProgram = `import Keyv from 'keyv';
import { type Codec, open, type Store, TimekvError, TimeMap, type Version } from 'timekv';
import { KeyvTimekv } from 'timekv/keyv';

interface Point {
  x: number;
}
const codec: Codec<Point> = {
  encode: ({ x }) => Buffer.from(String(x)),
  decode: (bytes) => ({ x: Number(bytes) }),
};
const store: Store<Point> = await open('data', { codec });
const timestamp: number = await store.set('a', { x: 1 });
const point: Point | undefined = store.get('a', timestamp);
const versions: Version<Point>[] = [...store.history('a')];
const text: string = new TimeMap().get('a', 1);
const cache = new Keyv({ store: new KeyvTimekv('cache') });
export const all = [point?.x, versions, text, cache, new TimekvError('ERR_TIMEKV_IO', 'no')];
// @ts-expect-error -- no such value
await store.set('a', 'one');
// @ts-expect-error -- no such code
export const wrong = new TimekvError('ERR_OTHER', 'no');
// @ts-expect-error -- neither a store nor a directory
export const unkept = new KeyvTimekv(1);
`;

/** @param typeRoots where the types of Node lie, which a user would install */
export function compilerOptions(typeRoots: string): string {
  return JSON.stringify({
    compilerOptions: {
      strict: true,
      skipLibCheck: false,
      noEmit: true,
      target: 'es2022',
      module: 'nodenext',
      types: ['node'],
      typeRoots: [typeRoots],
    },
    files: ['program.ts'],
  });
}
