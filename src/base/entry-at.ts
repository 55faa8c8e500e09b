import type { Cursor, Span } from './cursor.js';
import type { Kind } from './entry.js';

/** What can be told of the entry that a cursor stands on. */
export type EntryAt = Pick<
  Cursor,
  'key' | 'timestamp' | 'seq' | 'kind' | 'expiresAt' | 'value' | 'locateValue'
>;

/** Tells of the entry that another cursor stands on: for those that pass some of its entries by. */
export class EntryOf implements EntryAt {
  protected readonly base: Cursor;

  constructor(base: Cursor) {
    this.base = base;
  }

  get key(): Buffer {
    return this.base.key;
  }

  get timestamp(): number {
    return this.base.timestamp;
  }

  get seq(): number {
    return this.base.seq;
  }

  get kind(): Kind {
    return this.base.kind;
  }

  get expiresAt(): number {
    return this.base.expiresAt;
  }

  value(): Buffer {
    return this.base.value();
  }

  locateValue(into: Span): void {
    this.base.locateValue(into);
  }
}
