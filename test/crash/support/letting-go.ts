/** What processes let go of a store's history, and what the oracle is told of it. */
import type { Random } from '../../support/random.js';
import type { SimulatedStore } from '../../support/simulated-system.js';
import { clockTicksMax, type Limit } from './kept-limits.js';
import { keys, labelsOf, readNow, type Written } from './labels.js';
import type { Recording } from './recording.js';
import type { Writing } from './writing.js';

/** The earliest time that a simulated clock tells. */
const clockStart = 1_000_000;

type Found = ReadonlyMap<number, Written>;

/** One call, and what it comes to. */
interface Asked {
  options: { keepVersions: number } | { keepFor: number };
  limit: Limit;
  going: readonly Written[];
}

/** What stands for a call, and hides what it lets go. */
interface Begun {
  label: string;
  hidden: readonly string[];
  /** False: nobody knows what the store holds. */
  isExact: boolean;
}

/** Another process, and how it takes a snapshot. */
export interface Beside {
  process: SimulatedStore;
  keep: () => Promise<void>;
}

export class LettingGo {
  readonly #recording: Recording;
  readonly #random: Random;
  readonly #writing: Writing;
  #begun = 0;

  constructor(recording: Recording, random: Random, writing: Writing) {
    this.#recording = recording;
    this.#random = random;
    this.#writing = writing;
  }

  /** @param beside takes a snapshot meanwhile: of what it has seen nothing is let go */
  async letGo(process: SimulatedStore, beside: Beside | undefined): Promise<void> {
    const writing = this.#writing;
    const found = readNow(process);
    const seen = labelsOf(found);
    this.#recording.note((oracle) => {
      oracle.saw(seen);
    });
    let asked = this.#draw(found, process, beside !== undefined);
    for (let turn = 0; turn < 5 && asked.going.length === 0; turn++) {
      asked = this.#draw(found, process, beside !== undefined);
    }
    const begun = this.#begin(asked);
    let isKept: boolean | undefined;
    // At the first sync, or the second: while segments are made.
    let syncs = this.#random.integer(0, 2);
    const { fileSystem, store } = process;
    if (beside !== undefined) {
      fileSystem.syncGate = async () => {
        if (syncs-- === 0) isKept = await this.#keep(beside, begun);
      };
    }
    try {
      await store.compact(asked.options);
    } catch (error) {
      writing.isCertain = false;
      throw error;
    } finally {
      fileSystem.syncGate = () => Promise.resolve();
    }
    if (isKept === true) return;
    writing.limits.done(begun.label);
    this.#recording.note((oracle) => {
      oracle.limits.done(begun.label);
      if (begun.isExact) oracle.acknowledged([begun.label]);
    });
  }

  #begin({ limit: wanted, going }: Asked): Begun {
    const { isCertain: isExact, written, limits } = this.#writing;
    const label = `letting go ${++this.#begun}`;
    const hidden = going.flatMap(({ key, timestamp }) => written.at(key, timestamp));
    // Where nobody knows what it finds, it may be any of all.
    const groups = isExact
      ? new Map([[label, hidden]])
      : new Map(written.all.map((each) => [`${label}: ${each.label}`, [each.label]]));
    const limit = isExact ? wanted : { ...wanted, begins: new Map<string, number>() };
    limits.begun(label, limit);
    this.#recording.note((oracle) => {
      oracle.limits.begun(label, limit);
      for (const [each, group] of groups) oracle.lettingGo(each, group, !isExact);
    });
    return { label, hidden, isExact };
  }

  /** @returns whether what would go was there when the snapshot had been taken: then it stays */
  async #keep({ process, keep }: Beside, { label, hidden }: Begun): Promise<boolean> {
    await keep();
    const labels = new Set(labelsOf(readNow(process)).values());
    if (!hidden.some((each) => labels.has(each))) return false;
    this.#writing.limits.dropped(label);
    this.#recording.note((oracle) => {
      oracle.limits.dropped(label);
      oracle.refused([label]);
    });
    return true;
  }

  #draw(found: Found, { engine }: SimulatedStore, isCounting: boolean): Asked {
    const horizon = !isCounting && this.#random.next() < 1 / 3 ? this.#horizonIn(found) : undefined;
    if (horizon !== undefined) {
      const limit = { horizon, begins: new Map<string, number>() };
      const options = { keepFor: clockStart - horizon };
      return { options, limit, going: goneBefore(found, horizon) };
    }
    const keepVersions = this.#random.integer(1, 3);
    const heldSeq = Math.max(-1, ...engine.snapshots().map(({ seq }) => seq));
    const { going, begins } = goneBehind(found, keepVersions, heldSeq);
    return { options: { keepVersions }, limit: { horizon: -Infinity, begins }, going };
  }

  /** One of the earlier times; right behind it there is no other, since clocks go on meanwhile. */
  #horizonIn(found: Found): number | undefined {
    const times = [...found.values()].map(({ timestamp }) => timestamp).sort((a, b) => a - b);
    const all = this.#writing.written.all.map(({ timestamp }) => timestamp);
    const possible = times
      .slice(0, Math.ceil(times.length / 2))
      .filter((time) => time < clockStart)
      .filter((time) => !all.some((each) => each > time && each <= time + clockTicksMax));
    return possible.length === 0 ? undefined : this.#random.pick(possible);
  }
}

/** What lies before the newest version of its key up to the horizon; that one too if it is a tombstone. */
function goneBefore(found: Found, horizon: number): Written[] {
  return byKey(found).flatMap(([, rows]) => {
    const [base, ...before] = rows
      .map(([, version]) => version)
      .filter(({ timestamp }) => timestamp <= horizon);
    return base?.state === 'deleted' ? [base, ...before] : before;
  });
}

/** From the first one on that is neither counted nor held by a snapshot, with what lies behind it. */
function goneBehind(
  found: Found,
  versions: number,
  heldSeq: number,
): { going: Written[]; begins: Map<string, number> } {
  const begins = new Map<string, number>();
  const going = byKey(found).flatMap(([key, rows]) => {
    const first = rows.findIndex(([seq], index) => index >= versions && seq > heldSeq);
    const [, last] = rows[first - 1] ?? [];
    if (last === undefined) return [];
    begins.set(key, last.timestamp);
    return rows.slice(first).map(([, version]) => version);
  });
  return { going, begins };
}

/** Of each key the latest first. */
function byKey(found: Found): [key: string, rows: [seq: number, version: Written][]][] {
  const latestFirst = [...found].sort(([, a], [, b]) => b.timestamp - a.timestamp);
  return keys.map((key) => [key, latestFirst.filter(([, version]) => version.key === key)]);
}
