/**
 * What is read as it comes: everything of a piece of input at once, since a turn of the event loop for
 * each row would cost more than reading it. A piece has to be read to its end before the next one is
 * asked for: a row may begin in one and end in the other.
 */
export type Pieces<T> = AsyncIterable<Iterable<T>>;

export async function* mapPieces<T, U>(
  pieces: Pieces<T>,
  map: (items: Iterable<T>) => Iterable<U>,
): AsyncGenerator<Iterable<U>> {
  for await (const piece of pieces) yield map(piece);
}

/** The first of all, and the others behind it; undefined if there is none. */
export async function splitFirst<T>(
  pieces: AsyncGenerator<Iterable<T>>,
): Promise<{ first: T; rest: Pieces<T> } | undefined> {
  for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
    const items = next.value[Symbol.iterator]();
    const first = items.next();
    if (first.done === true) continue;
    const rest = async function* (): AsyncGenerator<Iterable<T>> {
      yield { [Symbol.iterator]: () => items };
      yield* pieces;
    };
    return { first: first.value, rest: rest() };
  }
  return undefined;
}
