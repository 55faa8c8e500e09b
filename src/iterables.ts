/**
 * What a read with many answers hands out: each time that it is gone through it begins with a view of
 * its own, which it lets go of however the loop is left.
 */
import type { Engine, KeyRange } from './engine/engine.js';
import type { HeldView } from './engine/live-files.js';
import type { Walk } from './engine/scan.js';
import type { Piece } from './pieces.js';

/** Answers the engine, as long as the store is open. */
type Opener = () => Engine;

/** The largest piece, and the first one, for who wants the first rows only. */
const rowsMax = 512;
const firstRows = 8;

/** What is walked over, and how much of it at most. */
interface Extent {
  range: KeyRange;
  limit: number;
}

/** The items that a walk finds, one by one. */
export function eachOf<E, R>(
  open: Opener,
  { range, limit }: Extent,
  walk: (held: HeldView) => Iterable<E>,
  convert: (item: E) => R,
): Iterable<R> {
  open();
  return {
    *[Symbol.iterator]() {
      const held = limit === 0 ? undefined : open().hold(range);
      if (held === undefined) return;
      try {
        let count = 0;
        for (const item of walk(held)) {
          yield convert(item);
          if (++count >= limit) return;
          open(); // If it was closed meanwhile, the view's files were too.
        }
      } finally {
        held.view.release();
      }
    },
  };
}

/** The rows that a walk finds, made in pieces. */
export function rowsOf<R>(
  open: Opener,
  extent: Extent,
  walk: (held: HeldView) => Walk,
  piece: () => Piece<R>,
): Iterable<R> {
  open();
  return { [Symbol.iterator]: () => new RowIterator(open, extent, walk, piece()) };
}

/** A plain iterator: the next row of a piece costs less than the turn of a generator. */
class RowIterator<R> implements IterableIterator<R> {
  readonly #open: Opener;
  readonly #extent: Extent;
  readonly #walkOver: (held: HeldView) => Walk;
  readonly #piece: Piece<R>;
  #held: HeldView | undefined;
  #walk: Walk | undefined;
  /** All rows were made, and then: all were handed out. */
  #isEnded: boolean;
  #isDone = false;
  /** Rows that may still come. */
  #left: number;
  #size = firstRows;
  /** The next row of the piece. */
  #at = 0;
  /** What went wrong behind the rows of the piece. */
  #failure: { error: unknown } | undefined;

  constructor(open: Opener, extent: Extent, walk: (held: HeldView) => Walk, piece: Piece<R>) {
    this.#open = open;
    this.#extent = extent;
    this.#walkOver = walk;
    this.#piece = piece;
    this.#left = extent.limit;
    this.#isEnded = extent.limit === 0;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<R, undefined> {
    if (this.#isDone) return { done: true, value: undefined };
    this.#open(); // If it was closed meanwhile, the view's files were too.
    const piece = this.#piece;
    if (this.#at === piece.count) this.#fill();
    this.#isDone = this.#at === piece.count;
    if (this.#isDone) return { done: true, value: undefined };
    return { done: false, value: piece.rows[this.#at++] as R };
  }

  /** The loop was left early. */
  return(): IteratorResult<R, undefined> {
    this.#isDone = true;
    this.#end();
    return { done: true, value: undefined };
  }

  #fill(): void {
    this.#at = 0;
    this.#piece.empty(Math.min(this.#size, this.#left));
    if (this.#failure !== undefined) {
      this.#isDone = true;
      throw this.#failure.error;
    }
    if (this.#isEnded) return;
    try {
      this.#begin();
      if (this.#walk?.more(this.#piece) !== true) this.#end();
    } catch (error) {
      this.#end();
      // First what came before it.
      this.#isDone = this.#piece.count === 0;
      if (this.#isDone) throw error;
      this.#failure = { error };
    }
    this.#left -= this.#piece.count;
    if (this.#left === 0) this.#end();
    this.#size = Math.min(rowsMax, 2 * this.#size);
  }

  #begin(): void {
    const engine = this.#open();
    if (this.#walk !== undefined) return;
    this.#held = engine.hold(this.#extent.range);
    this.#walk = this.#held && this.#walkOver(this.#held);
  }

  /** Nothing more is read: the view is let go of, even if rows of it are still to be handed out. */
  #end(): void {
    this.#isEnded = true;
    this.#held?.view.release();
    this.#held = undefined;
    this.#walk = undefined;
  }
}
