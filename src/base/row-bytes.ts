/** A row of a load that lies in memory as bytes, for whoever reads rows by the million. */

/**
 * A version to be written, as a part of a buffer: no string, view or object is made of it. One object
 * may stand for all rows of a load, each of which is copied before the next one is asked for.
 *
 * @example
 * const row = { bytes, keyStart: 0, keyEnd: 8, valueStart: 9, valueEnd: 0, at: undefined };
 * function* rows(lines: Iterable<Buffer>) {
 *   for (const line of lines) { // a key of 8 bytes, a comma, and the value
 *     row.bytes = line;
 *     row.valueEnd = line.length;
 *     yield row;
 *   }
 * }
 * await store.load(rows(lines));
 */
export interface RowBytes {
  bytes: Uint8Array;
  /** Where the key lies in `bytes`: 1 to 2,048 bytes of UTF-8. */
  keyStart: number;
  keyEnd: number;
  /** Where the value lies, as the store's codec would encode it: at most 16 MiB. */
  valueStart: number;
  valueEnd: number;
  /** In the unit of the store, an integer within ±(2^53 − 1); undefined: a *now* of its own. */
  at: number | undefined;
}
