import { Span } from '../base/cursor.js';
import { Kind } from '../base/entry.js';

/** What a version is beside its key, on its way into a block. One object serves for all of them. */
export class StoredVersion {
  timestamp = 0;
  seq = 0;
  kind: Kind = Kind.value;
  expiresAt = Infinity;
  /** Where its value lies, or the reference to the extent that holds it. */
  readonly value = new Span();
  isInExtent = false;

  /** No value expires at its own timestamp, so that number can stand for "never". */
  get storedExpiry(): number {
    return this.expiresAt === Infinity ? this.timestamp : this.expiresAt;
  }
}
