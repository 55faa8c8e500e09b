/**
 * What must be true of everything that any process sees of a store, whenever it looks, whatever has
 * happened to its processes and its disk. Each write has a label of its own.
 */
export class Oracle {
  /** Seen by anybody, by seq. */
  #seen = new Map<number, string>();
  #acknowledged = new Set<string>();
  /** Written by somebody whose mode is `process`. */
  #careless = new Set<string>();
  #batchOf = new Map<string, readonly string[]>();
  #refused = new Set<string>();

  clone(): Oracle {
    const copy = new Oracle();
    copy.#seen = new Map(this.#seen);
    copy.#acknowledged = new Set(this.#acknowledged);
    copy.#careless = new Set(this.#careless);
    copy.#batchOf = new Map(this.#batchOf);
    copy.#refused = new Set(this.#refused);
    return copy;
  }

  /** Tells what it holds true from what another one does. */
  fingerprint(): string {
    const parts = [[...this.#seen.values()], this.#acknowledged, this.#careless, this.#refused];
    return parts.map((part) => [...part].join()).join('\n');
  }

  submitted(labels: readonly string[], durability: 'full' | 'process' = 'full'): void {
    for (const label of labels) {
      this.#batchOf.set(label, labels);
      if (durability === 'process') this.#careless.add(label);
    }
  }

  acknowledged(labels: readonly string[]): void {
    for (const label of labels) this.#acknowledged.add(label);
  }

  refused(labels: readonly string[]): void {
    for (const label of labels) this.#refused.add(label);
  }

  /** Somebody has read this, so it must stay. */
  saw(found: ReadonlyMap<number, string>): void {
    for (const [seq, label] of found) this.#seen.set(seq, label);
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
   * @param found all that is committed, by seq
   * @returns what is wrong
   */
  faultIn(found: ReadonlyMap<number, string>): string | undefined {
    const labels = new Set(found.values());
    if (labels.size !== found.size) return 'something is there twice';
    for (const [seq, label] of this.#seen) {
      if (found.get(seq) !== label) return `seq ${seq} was ${label}, and is ${found.get(seq)}`;
    }
    for (const label of this.#acknowledged) {
      if (!labels.has(label)) return `${label} was acknowledged, and is lost`;
    }
    let last = 0;
    for (const [seq, label] of found) {
      if (seq !== ++last) return `seq ${last} is missing`;
      if (this.#refused.has(label)) return `${label} is there, and its write was refused`;
      const batch = this.#batchOf.get(label);
      if (batch === undefined) return `${label} is there, and nobody wrote it`;
      const half = batch.find((each) => !labels.has(each));
      if (half !== undefined) return `${label} is there without ${half}`;
    }
    return undefined;
  }
}
