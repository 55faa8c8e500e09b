import { Oracle } from '../../support/oracle.js';
import { CopiesOracle } from './copies-oracle.js';
import { KeptLimits } from './kept-limits.js';
import { KeptOracle, type KeptRow } from './kept-oracle.js';

/** An oracle that knows of named snapshots, backups, and what was restored, too. */
export class StoreOracle extends Oracle {
  kept = new KeptOracle();
  copies = new CopiesOracle();
  limits = new KeptLimits();

  override clone(): StoreOracle {
    const copy = new StoreOracle();
    copy.takeOver(this);
    copy.kept = this.kept.clone();
    copy.copies = this.copies.clone();
    copy.limits = this.limits.clone();
    return copy;
  }

  override fingerprint(): string {
    return [super.fingerprint(), this.kept.fingerprint(), this.copies.fingerprint()].join('\n');
  }

  askedForSnapshot(name: string): void {
    this.kept.asked(name, { from: this.lastSeq, lettingsGo: this.lettingsGo });
  }

  /** A snapshot was taken: what is in it is on the disk. */
  tookSnapshot(row: KeptRow): void {
    this.kept.kept(row);
    this.madeDurable(row.seq);
  }

  override saw(found: ReadonlyMap<number, string>): void {
    super.saw(found);
    // What is gone nobody can ask for: that was committed before anything went.
    for (const name of this.limits.asked) if (this.isAcknowledged(name)) this.limits.done(name);
  }

  /** Somebody has read this after all who were at it had died: so it stays. */
  sawAll(found: ReadonlyMap<number, string>, rows: readonly KeptRow[]): void {
    this.saw(found);
    this.kept.saw(rows);
    for (const { seq } of rows) this.madeDurable(seq);
  }

  /** What is in a named snapshot, from what is found in the store; undefined if that is not known. */
  contentOfSnapshot(
    { name, seq }: Pick<KeptRow, 'name' | 'seq'>,
    found: ReadonlyMap<number, string>,
  ): Map<number, string> | undefined {
    return this.momentIn(found, seq, this.kept.lettingsGoBefore(name));
  }
}
