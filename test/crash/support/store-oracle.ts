import { Oracle } from '../../support/oracle.js';
import { CopiesOracle } from './copies-oracle.js';
import { KeptOracle, type KeptRow } from './kept-oracle.js';

/** An oracle that knows of named snapshots, backups, and what was restored, too. */
export class StoreOracle extends Oracle {
  kept = new KeptOracle();
  copies = new CopiesOracle();

  override clone(): StoreOracle {
    const copy = new StoreOracle();
    copy.takeOver(this);
    copy.kept = this.kept.clone();
    copy.copies = this.copies.clone();
    return copy;
  }

  override fingerprint(): string {
    return [super.fingerprint(), this.kept.fingerprint(), this.copies.fingerprint()].join('\n');
  }

  /** A snapshot was taken: what is in it is on the disk. */
  tookSnapshot(row: KeptRow): void {
    this.kept.kept(row);
    this.madeDurable(row.seq);
  }

  /** Somebody has read this after all who were at it had died: so it stays. */
  sawAll(found: ReadonlyMap<number, string>, rows: readonly KeptRow[]): void {
    this.saw(found);
    this.kept.saw(rows);
    for (const { seq } of rows) this.madeDurable(seq);
  }
}
