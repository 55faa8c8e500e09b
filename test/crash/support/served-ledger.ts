/**
 * What clients of a server have sent and been told, and whether a store holds it: each acknowledged
 * version with its value and seq, seqs without a gap, and nothing that nobody has sent. Each value
 * begins with a word of its own, by which it is known again.
 */

/** A version as it is read: through the server, or from the directory. */
export interface Found {
  key: string;
  timestamp: number;
  seq: number;
  value: string;
}

export interface Place {
  timestamp: number;
  seq: number;
}

interface Sent {
  key: string;
  value: string;
  /** What was answered. */
  told?: Told;
}

type Told = Place | 'refused';

/** A number that each writer must have counted on, in a value of several writers. */
export function countIn(value: string): number {
  return Number(/^\S+ (\d+) /.exec(value)?.[1]);
}

function wordOf(value: string): string {
  return /^\S+/.exec(value)?.[0] ?? '';
}

export class ServedLedger {
  readonly #sent = new Map<string, Sent>();
  /** Who was told of a seq. */
  readonly #words = new Map<number, string>();
  /** Greatest seq that was acknowledged: what is sent from now on must get a greater one. */
  highest = 0;
  /** Writes that were answered, and those that were seen to be there though their answer was lost. */
  answered = 0;
  seen = 0;

  /** Notes what goes on its way now. */
  send(key: string, value: string): void {
    this.#sent.set(wordOf(value), { key, value });
  }

  acknowledge(value: string, told: Place, sentAfter: number): void {
    this.#promise(value, told, sentAfter);
    this.answered += 1;
  }

  /** A read has shown what nobody had acknowledged: from now on that must stay as well. */
  see(value: string, told: Place, sentAfter: number): void {
    this.#promise(value, told, sentAfter);
    this.seen += 1;
  }

  /** @throws if the seq was given before, or is not greater than one from before it was sent */
  #promise(value: string, { timestamp, seq }: Place, sentAfter: number): void {
    const word = wordOf(value);
    if (!Number.isSafeInteger(timestamp) || !Number.isSafeInteger(seq)) {
      throw new Error(`${word} was acknowledged at ${timestamp} with seq ${seq}`);
    }
    const other = this.#words.get(seq);
    if (other !== undefined) throw new Error(`seq ${seq} was told for ${other}, now for ${word}`);
    if (seq <= sentAfter)
      throw new Error(`${word} got seq ${seq}, and was sent after ${sentAfter}`);
    this.#words.set(seq, word);
    this.highest = Math.max(this.highest, seq);
    this.#sentAs(word).told = { timestamp, seq };
  }

  /** Its condition did not hold: it must not be there. */
  refuse(value: string): void {
    this.#sentAs(wordOf(value)).told = 'refused';
  }

  #sentAs(word: string): Sent {
    const sent = this.#sent.get(word);
    if (sent === undefined) throw new Error(`${word} was never sent`);
    return sent;
  }

  /** What is promised now, for a look that begins now. */
  promised(): ReadonlyMap<string, Found> {
    const promised = new Map<string, Found>();
    for (const { key, value, told } of this.#sent.values()) {
      if (told === undefined || told === 'refused') continue;
      const last = promised.get(key);
      if (last === undefined || last.seq < told.seq) promised.set(key, { key, value, ...told });
    }
    return promised;
  }

  /** Holds the newest version of each key against what was promised before the look began. */
  checkNewest(newest: readonly Found[], promised: ReadonlyMap<string, Found>): void {
    const left = new Map(newest.map((found) => [found.key, found]));
    for (const found of newest) this.#checkSent(found);
    for (const [key, version] of promised) {
      const found = left.get(key);
      if (found === undefined) throw new Error(`lost: ${nameOf(version)} was acknowledged`);
      if (found.seq < version.seq) {
        throw new Error(`lost: ${nameOf(version)} was acknowledged, and ${nameOf(found)} is there`);
      }
      if (found.seq === version.seq) checkSame(found, version);
    }
  }

  /** Holds all versions against all that was sent and told. */
  checkAll(versions: readonly Found[]): void {
    const bySeq = versions.toSorted((a, b) => a.seq - b.seq);
    const counts = new Map<string, number>();
    for (const [index, found] of bySeq.entries()) {
      if (found.seq !== index + 1) throw new Error(`${nameOf(found)} in place of seq ${index + 1}`);
      const { told } = this.#checkSent(found);
      if (told === 'refused') throw new Error(`${nameOf(found)} was refused`);
      if (told !== undefined) checkSame(found, { ...found, ...told });
      const count = countIn(found.value);
      if (Number.isNaN(count)) continue;
      const before = counts.get(found.key) ?? 0;
      if (count !== before + 1) throw new Error(`${nameOf(found)} counts ${count} after ${before}`);
      counts.set(found.key, count);
    }
    const words = new Set(bySeq.map(({ value }) => wordOf(value)));
    if (words.size < bySeq.length) throw new Error('a value is there twice that was sent once');
    for (const [word, { told }] of this.#sent) {
      if (told === undefined || told === 'refused' || words.has(word)) continue;
      throw new Error(`lost: ${word}, seq ${told.seq}, was acknowledged`);
    }
  }

  #checkSent(found: Found): Sent {
    const sent = this.#sent.get(wordOf(found.value));
    if (sent?.key === found.key && sent.value === found.value) return sent;
    throw new Error(`nobody has sent ${nameOf(found)}`);
  }
}

function checkSame(found: Found, told: Found): void {
  if (found.seq === told.seq && found.timestamp === told.timestamp && found.value === told.value) {
    return;
  }
  throw new Error(`${nameOf(found)} is there, and ${nameOf(told)} was acknowledged`);
}

function nameOf({ key, value, timestamp, seq }: Found): string {
  return `${key} = ${JSON.stringify(value.slice(0, 40))} at ${timestamp}, seq ${seq}`;
}
