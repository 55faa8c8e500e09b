import type { Found, Span } from '../base/cursor.js';
import type { Entry, Kind } from '../base/entry.js';

/** What was found in memory that stays as it is. Most readers need no view of the value. */
export class FoundInMemory implements Found {
  readonly timestamp: number;
  readonly seq: number;
  readonly kind: Kind;
  readonly expiresAt: number;
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #end: number;

  /** The value lies in the bytes from start to end. */
  constructor(
    { timestamp, seq, kind, expiresAt }: Omit<Entry, 'key' | 'value'>,
    bytes: Buffer,
    start = 0,
    end = bytes.length,
  ) {
    this.timestamp = timestamp;
    this.seq = seq;
    this.kind = kind;
    this.expiresAt = expiresAt;
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
  }

  get value(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  locateValue(into: Span): void {
    into.set(this.#bytes, this.#start, this.#end);
  }

  keep(): void {
    // It holds as it is.
  }
}
