/** What must be true of the named snapshots of a store, whatever has happened. */

/** As the store lists it. */
export interface KeptRow {
  name: string;
  seq: number;
  now: number;
}

type State =
  /** Whoever asked for it was not told. */
  | 'asked'
  | 'kept'
  /** Whoever gave it up was not told. */
  | 'given up'
  | 'gone';

interface Kept {
  state: State;
  /** What must be in it at least. */
  from: number;
  /** How often letting go had begun before it was asked for. */
  lettingsGo: number;
  row: KeptRow | undefined;
}

export class KeptOracle {
  #kept = new Map<string, Kept>();

  clone(): KeptOracle {
    const copy = new KeptOracle();
    copy.#kept = new Map(this.#kept);
    return copy;
  }

  fingerprint(): string {
    return [...this.#kept].map(([name, { state, row }]) => `${name} ${state} ${row?.seq}`).join();
  }

  /** @param known the last seq that anybody knows of, and how often letting go has begun */
  asked(name: string, known: Pick<Kept, 'from' | 'lettingsGo'>): void {
    this.#kept.set(name, { ...known, state: 'asked', row: undefined });
  }

  kept(row: KeptRow): void {
    const lettingsGo = this.lettingsGoBefore(row.name);
    this.#kept.set(row.name, { state: 'kept', from: row.seq, lettingsGo, row });
  }

  lettingsGoBefore(name: string): number {
    return this.#kept.get(name)?.lettingsGo ?? 0;
  }

  /** @param isTold that it is done */
  givenUp(name: string, isTold: boolean): void {
    const kept = this.#kept.get(name);
    if (kept !== undefined) {
      this.#kept.set(name, { ...kept, state: isTold ? 'gone' : 'given up' });
    }
  }

  /** Nobody is at it any more: so it stays. */
  saw(rows: readonly KeptRow[]): void {
    const listed = new Map(rows.map((row) => [row.name, row]));
    for (const [name, kept] of this.#kept) {
      const row = listed.get(name);
      if (row === undefined) this.#kept.set(name, { ...kept, state: 'gone' });
      else this.kept(row);
    }
  }

  /**
   * @param rows all that the store lists
   * @param last the last seq that it has
   * @returns what is wrong
   */
  faultIn(rows: readonly KeptRow[], last: number): string | undefined {
    const listed = new Map(rows.map((row) => [row.name, row]));
    if (listed.size !== rows.length) return 'a snapshot is listed twice';
    for (const [name, { state, from, row }] of this.#kept) {
      const found = listed.get(name);
      if (found === undefined) {
        if (state === 'kept') return `the snapshot ${name} was taken, and is lost`;
        continue;
      }
      if (state === 'gone') return `the snapshot ${name} is there, and was given up`;
      if (found.seq < from) return `the snapshot ${name} ends with ${found.seq}, before ${from}`;
      if (found.seq > last) return `the snapshot ${name} ends with ${found.seq}, behind ${last}`;
      if (row !== undefined && (row.seq !== found.seq || row.now !== found.now)) {
        return `the snapshot ${name} is of ${found.seq} at ${found.now}, and was of ${row.seq} at ${row.now}`;
      }
    }
    const unknown = rows.find(({ name }) => !this.#kept.has(name));
    return unknown && `the snapshot ${unknown.name} is there, and nobody took it`;
  }
}
