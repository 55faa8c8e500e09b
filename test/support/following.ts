/** Going through what never ends by itself. */
import type { Version } from '../../src/options.js';

/** The next so many of an iterator, which stays open. */
export async function take<T>(iterator: AsyncIterator<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  while (taken.length < count) {
    const next = await iterator.next();
    if (next.done === true) throw new Error(`it ended after ${taken.length} of ${count}`);
    taken.push(next.value);
  }
  return taken;
}

/** The first so many, after which it is left. */
export async function first<T>(iterable: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  if (count === 0) return taken;
  for await (const each of iterable) {
    taken.push(each);
    if (taken.length === count) break;
  }
  return taken;
}

export function iteratorOf<T>(iterable: AsyncIterable<T>): AsyncIterator<T> {
  return iterable[Symbol.asyncIterator]();
}

export const seqsOf = (versions: readonly Version<unknown>[]): number[] =>
  versions.map(({ seq }) => seq);
