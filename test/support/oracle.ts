/**
 * What must be true of everything that any process sees of a store, whenever it looks, whatever has
 * happened to its processes and its disk. Each operation has a label of its own. Some hide others: an
 * erasure, of which itself nothing is seen, or what is left where a value was taken out. So does
 * retention, which is no operation and has no seq, and leaves what named snapshots have seen.
 */

/** Whether an operation has been done, as far as what is found tells. */
type Presence = 'there' | 'not there' | 'unknown';

export interface Submitted {
  durability?: 'full' | 'process';
  /** Of operations that hide others, which. Of those that are not there nobody need find anything. */
  hides?: ReadonlyMap<string, readonly string[]>;
  /** Those of which nothing is seen themselves. */
  unseen?: readonly string[];
}

export class Oracle {
  /** Seen by anybody, or told, by seq. */
  #seen = new Map<number, string>();
  #acknowledged = new Set<string>();
  /** Written by somebody whose mode is `process`. */
  #careless = new Set<string>();
  #batchOf = new Map<string, readonly string[]>();
  #refused = new Set<string>();
  #hides = new Map<string, readonly string[]>();
  #hiders = new Map<string, readonly string[]>();
  #unseen = new Set<string>();
  /** In the order in which they were begun. */
  #lettingsGo: string[] = [];
  /** Of these nobody knows what they would let go. */
  #vague = new Set<string>();

  clone(): Oracle {
    const copy = new Oracle();
    copy.takeOver(this);
    return copy;
  }

  protected takeOver(other: Oracle): void {
    this.#seen = new Map(other.#seen);
    this.#acknowledged = new Set(other.#acknowledged);
    this.#careless = new Set(other.#careless);
    this.#batchOf = new Map(other.#batchOf);
    this.#refused = new Set(other.#refused);
    this.#hides = new Map(other.#hides);
    this.#hiders = new Map(other.#hiders);
    this.#unseen = new Set(other.#unseen);
    this.#lettingsGo = [...other.#lettingsGo];
    this.#vague = new Set(other.#vague);
  }

  /** Tells what it holds true from what another one does. */
  fingerprint(): string {
    const parts = [[...this.#seen.values()], this.#acknowledged, this.#careless, this.#refused];
    return parts.map((part) => [...part].join()).join('\n');
  }

  submitted(
    labels: readonly string[],
    { durability = 'full', hides = new Map(), unseen = [] }: Submitted = {},
  ): void {
    for (const label of labels) {
      this.#batchOf.set(label, labels);
      if (durability === 'process') this.#careless.add(label);
    }
    for (const [label, hidden] of hides) {
      this.#hides.set(label, hidden);
      for (const each of hidden) {
        this.#hiders.set(each, [...(this.#hiders.get(each) ?? []), label]);
      }
    }
    for (const label of unseen) this.#unseen.add(label);
  }

  /**
   * From now on retention may have let go all of these, or none.
   * @param isVague there may be others that do not go
   */
  lettingGo(label: string, hidden: readonly string[], isVague: boolean): void {
    this.submitted([label], { hides: new Map([[label, hidden]]), unseen: [label] });
    this.#lettingsGo.push(label);
    if (isVague) this.#vague.add(label);
  }

  /** Somebody was told that it is done, or has seen so. */
  protected isAcknowledged(label: string): boolean {
    return this.#acknowledged.has(label);
  }

  /** How often letting go was begun. */
  get lettingsGo(): number {
    return this.#lettingsGo.length;
  }

  /** @param told the seqs of those of them that were told theirs */
  acknowledged(labels: readonly string[], told: ReadonlyMap<number, string> = new Map()): void {
    for (const label of labels) this.#acknowledged.add(label);
    for (const [seq, label] of told) this.#seen.set(seq, label);
  }

  refused(labels: readonly string[]): void {
    for (const label of labels) this.#refused.add(label);
  }

  /** It was told that there was nothing to do, and has no seq. */
  cameToNothing(label: string): void {
    this.#refused.add(label);
    this.#batchOf.set(label, [label]);
    for (const [each, batch] of this.#batchOf) {
      if (batch.includes(label)) {
        this.#batchOf.set(
          each,
          batch.filter((other) => other !== label || other === each),
        );
      }
    }
  }

  /** Somebody has read this, so it must stay. */
  saw(found: ReadonlyMap<number, string>): void {
    for (const [seq, label] of found) this.#seen.set(seq, label);
    const labels = new Set(found.values());
    for (const label of this.#unseen) {
      if (this.#presenceOf(label, labels) === 'there') this.#acknowledged.add(label);
    }
  }

  /** The last seq that anybody knows of. */
  get lastSeq(): number {
    return Math.max(0, ...this.#seen.keys());
  }

  /** What was seen up to this seq was synced after all, whoever wrote it. */
  madeDurable(upTo: number): void {
    for (const [seq, label] of this.#seen) if (seq <= upTo) this.#careless.delete(label);
  }

  /** With writers in mode `process` what was not synced may be gone, with all that follows it. */
  powerWasLost(): void {
    let durable = 0;
    for (const [seq, label] of this.#seen) {
      if (!this.#careless.has(label)) durable = Math.max(durable, seq);
    }
    this.#seen = new Map([...this.#seen].filter(([seq]) => seq <= durable));
    for (const label of this.#careless) this.#acknowledged.delete(label);
  }

  /**
   * @param found all that is committed and not hidden, by seq
   * @param last the last seq, of what is hidden too
   * @returns what is wrong
   */
  faultIn(
    found: ReadonlyMap<number, string>,
    last = Math.max(0, ...found.keys()),
  ): string | undefined {
    const labels = new Set(found.values());
    if (labels.size !== found.size) return 'something is there twice';
    return (
      this.#lostOf(found, labels, last) ??
      this.#missingSeq(found, labels, last) ??
      this.#madeUp(labels) ??
      this.#halfDone(labels)
    );
  }

  /**
   * What has been seen up to a seq, as it was then, from what is found later: what was taken out since
   * is there with its value, and what was let go since is there. Only erasures count that came later.
   * @param lettingsGo how many had begun by then, and ended
   * @returns undefined if it is not known to its end
   */
  momentIn(
    found: ReadonlyMap<number, string>,
    upTo: number,
    lettingsGo: number,
  ): Map<number, string> | undefined {
    const seqs = new Map([...this.#seen].map(([seq, label]) => [label, seq]));
    const moment = new Map<number, string>();
    for (const [seq, label] of found) {
      if (seq <= upTo) moment.set(seq, label);
      else {
        for (const hidden of this.#hides.get(label) ?? []) {
          const before = seqs.get(hidden);
          if (before === undefined) return undefined;
          if (before <= upTo) moment.set(before, hidden);
        }
      }
    }
    const labels = new Set(found.values());
    for (const letting of this.#lettingsGo.slice(lettingsGo)) {
      const hidden = this.#hides.get(letting) ?? [];
      const presence = this.#presenceOf(letting, labels);
      if (hidden.length === 0 || presence === 'not there') continue;
      if (presence === 'unknown' || this.#vague.has(letting)) return undefined;
      for (const label of hidden) {
        const seq = seqs.get(label);
        const isIn = this.#isHeld(label, labels, { upTo, seqs });
        if (seq === undefined || isIn === undefined) return undefined;
        if (isIn) moment.set(seq, label);
      }
    }
    return new Map([...moment].sort(([a], [b]) => a - b));
  }

  /** Whether something that was let go can be seen by those who see up to a seq; undefined: unknown. */
  #isHeld(
    label: string,
    labels: ReadonlySet<string>,
    { upTo, seqs }: { upTo: number; seqs: ReadonlyMap<string, number> },
  ): boolean | undefined {
    const seq = seqs.get(label);
    if (seq === undefined) return undefined;
    if (seq > upTo) return false;
    for (const hider of this.#hiders.get(label) ?? []) {
      if (this.#lettingsGo.includes(hider) || this.#refused.has(hider)) continue;
      if (this.#unseen.has(hider)) {
        const presence = this.#presenceOf(hider, labels);
        if (presence !== 'not there') return presence === 'there' ? false : undefined;
      } else {
        const since = seqs.get(hider);
        if (since === undefined) return undefined;
        if (since <= upTo) return false;
      }
    }
    return true;
  }

  #lostOf(
    found: ReadonlyMap<number, string>,
    labels: ReadonlySet<string>,
    last: number,
  ): string | undefined {
    for (const [seq, label] of this.#seen) {
      const now = found.get(seq);
      if (now === label) continue;
      const mayBeHidden = now === undefined && seq <= last;
      if (!mayBeHidden || this.#presenceOf(label, labels) === 'not there') {
        return `seq ${seq} was ${label}, and is ${now}`;
      }
    }
    for (const label of this.#acknowledged) {
      if (this.#presenceOf(label, labels) === 'not there') {
        return `${label} was acknowledged, and is lost`;
      }
    }
    return undefined;
  }

  /** Each seq is seen, or one of those of which nothing is seen any more has it. */
  #missingSeq(
    found: ReadonlyMap<number, string>,
    labels: ReadonlySet<string>,
    last: number,
  ): string | undefined {
    const known = new Set(this.#seen.values());
    const lettingsGo = new Set(this.#lettingsGo);
    let others = 0;
    for (const label of this.#batchOf.keys()) {
      if (known.has(label) || labels.has(label) || lettingsGo.has(label)) continue;
      if (this.#presenceOf(label, labels) !== 'not there') others++;
    }
    for (let seq = 1; seq <= last; seq++) {
      if (found.has(seq) || this.#seen.has(seq)) continue;
      if (others-- === 0) return `seq ${seq} is missing`;
    }
    return Math.max(0, ...found.keys()) > last ? `seq ${last} is not the last one` : undefined;
  }

  #madeUp(labels: ReadonlySet<string>): string | undefined {
    for (const label of labels) {
      if (this.#refused.has(label)) return `${label} is there, and its write was refused`;
      if (!this.#batchOf.has(label)) return `${label} is there, and nobody wrote it`;
      const hider = this.#hiders.get(label)?.find((each) => labels.has(each));
      if (hider !== undefined) return `${label} is there beside ${hider}`;
    }
    return undefined;
  }

  #halfDone(labels: ReadonlySet<string>): string | undefined {
    for (const label of [...labels, ...this.#unseen]) {
      if (this.#presenceOf(label, labels) !== 'there') continue;
      const half = this.#batchOf
        .get(label)
        ?.find((each) => this.#presenceOf(each, labels) === 'not there');
      if (half !== undefined) return `${label} is there without ${half}`;
    }
    return undefined;
  }

  #presenceOf(label: string, labels: ReadonlySet<string>): Presence {
    if (labels.has(label)) return 'there';
    if (this.#refused.has(label)) return 'not there';
    if (!this.#unseen.has(label)) return this.#mayBeHidden(label, labels) ? 'unknown' : 'not there';
    const hidden = this.#hides.get(label) ?? [];
    if (hidden.some((each) => labels.has(each))) return 'not there';
    if (this.#acknowledged.has(label)) return 'there';
    // Nothing else can have hidden what is known to be there.
    const isTold = hidden.some(
      (each) =>
        this.#isSure(each) &&
        this.#hiders.get(each)?.every((other) => other === label || this.#isOut(other, labels)),
    );
    return isTold ? 'there' : 'unknown';
  }

  #mayBeHidden(label: string, labels: ReadonlySet<string>): boolean {
    const hiders = this.#hiders.get(label) ?? [];
    return hiders.some((each) => this.#presenceOf(each, labels) !== 'not there');
  }

  /** No more than can be told without looking at what hides the same. */
  #isOut(label: string, labels: ReadonlySet<string>): boolean {
    const isContradicted = this.#hides.get(label)?.some((each) => labels.has(each)) === true;
    return this.#refused.has(label) || (this.#unseen.has(label) && isContradicted);
  }

  #isSure(label: string): boolean {
    return this.#acknowledged.has(label) || [...this.#seen.values()].includes(label);
  }
}
