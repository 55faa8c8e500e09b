/** What was written to a store, in order: what an erasure, or expiry, may meet. */
import type { Operation } from '../../../src/options.js';
import type { Submitted } from '../../support/oracle.js';
import { labelOf, takenOut, type Written, writtenBy } from './labels.js';

interface Labelled {
  label: string;
  key: string;
  timestamp: number;
}

export class WrittenSoFar {
  readonly #all: Labelled[] = [];
  readonly #expiring: Written[] = [];
  #erasures = 0;

  /** In the order in which they were submitted; those that were refused too. */
  get all(): readonly Labelled[] {
    return this.#all;
  }

  /** The versions that expire, also those that were taken out. */
  get expiring(): readonly Written[] {
    return this.#expiring;
  }

  /** Names what operations do that are committed together, and what of it hides what. */
  submit(operations: readonly Operation<string>[]): Submitted & { labels: string[] } {
    const hides = new Map<string, readonly string[]>();
    const labels = operations.map((operation) => {
      if (operation.type !== 'erase') {
        const version = writtenBy(operation);
        if (version.expiresAt !== undefined) this.#expiring.push(version);
        return this.#add(version);
      }
      const { key, at } = operation;
      const label = `erasure ${++this.#erasures} of ${key}@${String(at)}`;
      hides.set(label, this.at(key, Number(at)));
      return label;
    });
    return { labels, hides, unseen: [...hides.keys()] };
  }

  /** The same for versions that are to be taken out. */
  submitExpiry(versions: readonly Written[]): {
    labels: string[];
    hides: Map<string, readonly string[]>;
  } {
    const labels = versions.map((version) => this.#add(version, takenOut(version)));
    const hides = versions.map((version) => [takenOut(version), [labelOf(version)]] as const);
    return { labels, hides: new Map(hides) };
  }

  /** What was written there, and what was left where it was taken out. @param at NaN: at any time */
  at(key: string, at: number): string[] {
    return this.#all
      .filter((each) => each.key === key && (Number.isNaN(at) || each.timestamp === at))
      .map(({ label }) => label);
  }

  #add(version: Written, label = labelOf(version)): string {
    const { key, timestamp } = version;
    this.#all.push({ label, key, timestamp });
    return label;
  }
}
