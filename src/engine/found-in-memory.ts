import type { Found, Span } from '../base/cursor.js';
import type { Entry, Kind } from '../base/entry.js';

/** What was found in memory that stays as it is. */
export class FoundInMemory implements Found {
  readonly timestamp: number;
  readonly seq: number;
  readonly kind: Kind;
  readonly expiresAt: number;
  readonly value: Buffer;

  constructor({ timestamp, seq, kind, expiresAt, value }: Omit<Entry, 'key'>) {
    this.timestamp = timestamp;
    this.seq = seq;
    this.kind = kind;
    this.expiresAt = expiresAt;
    this.value = value;
  }

  locateValue(into: Span): void {
    into.set(this.value, 0, this.value.length);
  }

  keep(): void {
    // It holds as it is.
  }
}
