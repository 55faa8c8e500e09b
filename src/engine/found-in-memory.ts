import type { Found } from '../base/cursor.js';
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

  keep(): void {
    // It holds as it is.
  }
}
