/**
 * Holds what many processes asked one store, and were told, against one order of all of it: the
 * order of the seqs. Linearizable means here: that order agrees with real time, and every answer is
 * that of one state in it, none that was over when the question was asked and none that had not
 * begun when it was answered. Times are of one monotonic clock, in any unit.
 *
 * A state is told by how many commits it has seen: its position. An answer leaves an interval of
 * positions for each key that it tells of; if these have none in common with one another and with
 * what real time allows, the answer was wrong. So half a batch is seen as well as a stale read.
 */
export interface Commit {
  /** Seq of the first write; the others follow. */
  first: number;
  writes: readonly Written[];
  start: number;
  end: number;
}

interface Written {
  key: string;
  /** No other write of the key has the same; absent: a tombstone. */
  value?: string;
  /** The condition, which has held. */
  ifSeq?: number | 'none';
}

/** A write that was refused since its condition does not hold. */
export interface Refusal {
  key: string;
  ifSeq: number | 'none';
  start: number;
  end: number;
}

export interface Read {
  /** In words, for the message. */
  how: string;
  seen: readonly Seen[];
  /** What had ended by then must be seen: the start, or what rule 8 allows before it. */
  owed: number;
  end: number;
}

interface Seen {
  key: string;
  /** By value, by seq or by both; neither: the key had no value. */
  value?: string;
  seq?: number;
}

export interface History {
  commits: Commit[];
  refusals: Refusal[];
  reads: Read[];
}

/** A write in its place. */
interface Entry {
  key: string;
  seq: number;
  position: number;
  value: string | undefined;
  /** The next one of its key is `entries.get(key)[index + 1]`. */
  index: number;
}

/** Positions from `from` to `to`, both included. */
interface Interval {
  from: number;
  to: number;
}

const faultsMax = 20;

/** What is wrong with the history, in words; nothing if there is an order that explains it. */
export function faultsIn(history: History): string[] {
  const check = new HistoryCheck(history.commits);
  check.checkCommits();
  // A read proves that what it saw was there: nobody may go back behind it.
  for (const read of history.reads) check.takeAsProof(read);
  check.sortProofs();
  for (const read of history.reads) check.checkRead(read);
  for (const refusal of history.refusals) check.checkRefusal(refusal);
  return check.faults;
}

/**
 * What is wrong with what is left when all is over: every committed write with its value and its seq,
 * but those that another one of the same key and time has replaced, and nothing else.
 * @param versions in the order of their seqs
 * @param isReplaced true for the keys that are always written at the same time
 */
export function faultsLeft(
  versions: readonly LeftVersion[],
  commits: readonly Commit[],
  isReplaced: (key: string) => boolean,
): string[] {
  const expected = new Map<number, string>();
  const newest = new Map<string, number>();
  for (const { first, writes } of commits.toSorted((a, b) => a.first - b.first)) {
    for (const [offset, { key, value }] of writes.entries()) {
      const before = newest.get(key);
      if (before !== undefined && isReplaced(key)) expected.delete(before);
      newest.set(key, first + offset);
      expected.set(first + offset, lineOf({ key, value }));
    }
  }
  const faults: string[] = [];
  for (const { seq, ...version } of versions) {
    const wanted = expected.get(seq);
    const found = lineOf(version);
    if (found !== wanted)
      faults.push(`in the end seq ${seq} is ${found} in place of ${wanted ?? 'nothing'}`);
    expected.delete(seq);
  }
  for (const [seq, wanted] of expected) faults.push(`in the end seq ${seq}, ${wanted}, is lost`);
  return faults.slice(0, faultsMax);
}

interface LeftVersion {
  key: string;
  value?: string | undefined;
  seq: number;
}

function lineOf({ key, value }: { key: string; value?: string | undefined }): string {
  return value === undefined ? `${key} deleted` : `${key} = ${value}`;
}

class HistoryCheck {
  readonly faults: string[] = [];
  /** By position less one. */
  readonly #commits: readonly Commit[];
  /** By position: the latest start of a commit up to there. */
  readonly #latestStart = [-Infinity];
  readonly #entries = new Map<string, Entry[]>();
  readonly #bySeq = new Map<number, Entry>();
  readonly #byValue = new Map<string, Entry>();
  /** That the store was at least at a position by a time; sorted, the greatest position so far. */
  readonly #proofs: { time: number; position: number }[] = [];
  readonly #absences = new Map<string, Interval[]>();

  constructor(commits: readonly Commit[]) {
    this.#commits = commits.toSorted((a, b) => a.first - b.first);
    for (const [index, commit] of this.#commits.entries()) this.#place(commit, index + 1);
  }

  #place(commit: Commit, position: number): void {
    this.#latestStart.push(Math.max(this.#latestStart.at(-1) ?? -Infinity, commit.start));
    this.#proofs.push({ time: commit.end, position });
    for (const [offset, { key, value }] of commit.writes.entries()) {
      const ofKey = this.#entries.get(key) ?? [];
      this.#entries.set(key, ofKey);
      const entry = { key, seq: commit.first + offset, position, value, index: ofKey.length };
      ofKey.push(entry);
      this.#bySeq.set(entry.seq, entry);
      if (value !== undefined) this.#byValue.set(`${key}=${value}`, entry);
    }
  }

  /** Seqs without gaps, each once, in the order of real time, and every condition was true. */
  checkCommits(): void {
    let seq = 0;
    for (const [index, commit] of this.#commits.entries()) {
      if (commit.first !== seq + 1) {
        const what = commit.first <= seq ? 'was given twice' : `follows ${seq}`;
        this.#fault(`seq ${commit.first} ${what}`);
      }
      seq = commit.first + commit.writes.length - 1;
      const before = this.#latestStart[index] ?? -Infinity;
      if (commit.end < before) {
        this.#fault(
          `seq ${commit.first} had been acknowledged at ${commit.end}, before a write with a smaller seq began at ${before}`,
        );
      }
      for (const write of commit.writes) {
        if (write.ifSeq === undefined) continue;
        const found = this.#stateAt(write.key, index)?.seq ?? 'none';
        if (found === write.ifSeq) continue;
        this.#fault(`seq ${commit.first} was let pass if ${write.ifSeq}, but it followed ${found}`);
      }
    }
  }

  takeAsProof(read: Read): void {
    let position = 0;
    for (const seen of read.seen) {
      position = Math.max(position, this.#entryOf(seen)?.position ?? 0);
    }
    this.#proofs.push({ time: read.end, position });
  }

  sortProofs(): void {
    this.#proofs.sort((a, b) => a.time - b.time);
    let most = 0;
    for (const proof of this.#proofs) {
      most = Math.max(most, proof.position);
      proof.position = most;
    }
  }

  checkRead({ how, seen, owed, end }: Read): void {
    const allowed = this.#allowed(owed, end);
    let left = [allowed];
    for (const each of seen) {
      const isAbsent = each.value === undefined && each.seq === undefined;
      const entry = this.#entryOf(each);
      if (!isAbsent && (entry === undefined || (each.seq ?? entry.seq) !== entry.seq)) {
        this.#fault(`${how} answered what nobody wrote: ${JSON.stringify(each)}`);
        return;
      }
      const states = entry === undefined ? this.#whereAbsent(each.key) : [this.#lifeOf(entry)];
      if (common([allowed], states).length === 0) {
        const newest = this.#stateAt(each.key, allowed.from)?.seq ?? 'none';
        const isNew = entry !== undefined && entry.position > allowed.to;
        const when = isNew ? 'of which the write had not begun' : `though ${newest} was committed`;
        this.#fault(`${how} answered ${JSON.stringify(each)}, ${when} (asked at ${owed})`);
        return;
      }
      left = common(left, states);
    }
    if (left.length > 0) return;
    this.#fault(`${how} answered what was never there at once: ${JSON.stringify(seen)}`);
  }

  /** The condition must not have held all the while. */
  checkRefusal({ key, ifSeq, start, end }: Refusal): void {
    const { from, to } = this.#allowed(start, end);
    const entry = ifSeq === 'none' ? undefined : this.#bySeq.get(ifSeq);
    const held =
      ifSeq === 'none' ? this.#whereAbsent(key) : entry === undefined ? [] : [this.#lifeOf(entry)];
    if (!held.some((life) => life.from <= from && to <= life.to)) return;
    this.#fault(`a write to ${key} was refused though ${ifSeq} was there from ${start} to ${end}`);
  }

  /** The positions that real time allows to what was asked at `owed` and answered at `end`. */
  #allowed(owed: number, end: number): Interval {
    const proof = lastWhere(this.#proofs, ({ time }) => time < owed);
    return {
      from: proof?.position ?? 0,
      to: countWhere(this.#latestStart, (start) => start <= end) - 1,
    };
  }

  #entryOf({ key, value, seq }: Seen): Entry | undefined {
    if (value !== undefined) return this.#byValue.get(`${key}=${value}`);
    return seq === undefined ? undefined : this.#bySeq.get(seq);
  }

  /** From the write of an entry to just before the next one of its key. */
  #lifeOf({ key, position, index }: Entry): Interval {
    const next = this.#entries.get(key)?.[index + 1];
    return { from: position, to: (next?.position ?? Infinity) - 1 };
  }

  /** Before the first write, and after each tombstone; what adjoins is one. */
  #whereAbsent(key: string): Interval[] {
    const known = this.#absences.get(key);
    if (known !== undefined) return known;
    const entries = this.#entries.get(key) ?? [];
    const found = [{ from: 0, to: (entries[0]?.position ?? Infinity) - 1 }];
    for (const entry of entries) {
      if (entry.value !== undefined) continue;
      const life = this.#lifeOf(entry);
      const last = found.at(-1);
      if (last?.to === life.from - 1) last.to = life.to;
      else found.push(life);
    }
    this.#absences.set(key, found);
    return found;
  }

  /** The value that a key has at a position, if it has one. */
  #stateAt(key: string, position: number): Entry | undefined {
    const entries = this.#entries.get(key) ?? [];
    const entry = lastWhere(entries, (each) => each.position <= position);
    return entry?.value === undefined ? undefined : entry;
  }

  #fault(what: string): void {
    if (this.faults.length < faultsMax) this.faults.push(what);
  }
}

/** How many items at the beginning match; those that do come first. */
function countWhere<T>(items: readonly T[], matches: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (matches(items[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function lastWhere<T>(items: readonly T[], matches: (item: T) => boolean): T | undefined {
  return items[countWhere(items, matches) - 1];
}

/** What two sorted lists of intervals have in common. */
function common(some: readonly Interval[], others: readonly Interval[]): Interval[] {
  const found: Interval[] = [];
  for (const one of some) {
    // The lists of absences are long, and only a few of them lie in what real time allows.
    for (let i = countWhere(others, (other) => other.to < one.from); ; i++) {
      const other = others[i];
      if (other === undefined || other.from > one.to) break;
      const from = Math.max(one.from, other.from);
      const to = Math.min(one.to, other.to);
      if (from <= to) found.push({ from, to });
    }
  }
  return found;
}
