/** The entries of a cursor from the first on; each is a view that holds until the next step. */
import type { Cursor } from '../base/cursor.js';
import type { Entry } from '../base/entry.js';

export function* entriesAt(cursor: Cursor): Generator<Entry> {
  for (cursor.first(); cursor.valid; cursor.next()) {
    const { key, timestamp, seq, kind, expiresAt } = cursor;
    yield { key, timestamp, seq, kind, expiresAt, value: cursor.value() };
  }
}
