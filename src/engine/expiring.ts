import type { Entry } from '../base/entry.js';

/** Asks for expired versions to be taken out, in the order of expiry. */
export class Expiring {
  /** At most so many; fewer where their values are large. */
  readonly max: number;
  /** Those that were taken out. */
  taken: Entry[] = [];

  constructor(max: number) {
    this.max = max;
  }
}
