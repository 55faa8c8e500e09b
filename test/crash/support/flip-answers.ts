/**
 * What a store must answer, by the plain model, and asking it all of that: every key at every
 * timestamp, every history, scans and keys both ways.
 */
import { TimekvError } from '../../../src/base/errors.js';
import type { Operation, Version } from '../../../src/options.js';
import type { Store } from '../../../src/store.js';
import { ModelStore } from '../../support/model-store.js';
import { type Commit, keys, readClock } from './flip-store.js';

/** One that is written last, and one that never is. */
const rare = ['z', 'never written'];
const asked = [...keys, ...rare];

export type Answers = readonly unknown[];
type Question = (from: ModelStore | Store) => unknown;

/** Every question there is, the same for the model and for a store. */
export class Questions {
  readonly all: readonly Question[];

  constructor(commits: readonly Commit[]) {
    const times = [0, 34, ...modelOf(commits).instants()];
    this.all = [
      (from) => from.now(),
      ...asked.flatMap((key) => [
        ...(rare.includes(key) ? [0, 5] : times).map(
          (time) => (from: ModelStore | Store) => spelled(from.version(key, time)),
        ),
        (from: ModelStore | Store) => from.get(key),
      ]),
      ...asked.flatMap((key) =>
        [false, true].map((reverse) => (from: ModelStore | Store) => {
          return rows(from.history(key, { reverse }));
        }),
      ),
      ...[20, 31, undefined].flatMap((at) =>
        [false, true].map((reverse) => (from: ModelStore | Store) => {
          return rows(from.scan(at === undefined ? { reverse } : { at, reverse }));
        }),
      ),
      ...[false, true].map((reverse) => (from: ModelStore | Store) => {
        return [...from.keys({ all: true, reverse })].join('\n');
      }),
    ];
  }
}

function rows(versions: Iterable<Version<string>>): string {
  let text = '';
  for (const version of versions) text += `${spelled(version)}\n`;
  return text;
}

function spelled(version: Version<string> | undefined): string | undefined {
  if (version === undefined) return undefined;
  const { key, timestamp, seq, state, expiresAt = '', value } = version;
  return `${key} ${timestamp} ${seq} ${state} ${expiresAt} ${value ?? 'none'}`;
}

function modelOf(commits: readonly Commit[]): ModelStore {
  const clock = { time: 0, now: () => clock.time };
  const model = new ModelStore('us', clock);
  for (const commit of commits) {
    clock.time = commit.clock;
    model.batch([...commit.operations]);
  }
  clock.time = readClock;
  return model;
}

/** The right answers to all questions after the first so many commits, and one more maybe. */
export class Model {
  readonly #commits: readonly Commit[];
  readonly #questions: Questions;
  readonly #known = new Map<string, Answers>();

  constructor(commits: readonly Commit[], questions: Questions) {
    this.#commits = commits;
    this.#questions = questions;
  }

  answers(commits: number, written?: Operation<string>): Answers {
    const name = `${commits} ${String(written !== undefined)}`;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const done = this.#commits.slice(0, commits);
    if (written !== undefined) done.push({ clock: readClock, operations: [written] });
    const model = modelOf(done);
    const answers = this.#questions.all.map((question) => question(model));
    this.#known.set(name, answers);
    return answers;
  }
}

/** What came of asking everything: for each question, whether it was answered, or how refused. */
export interface Asked {
  /** Undefined where the answer was refused. */
  answers: unknown[];
  refusals: (TimekvError | undefined)[];
}

/** Stands for an answer that was refused. */
export const refused = Symbol('refused');

/**
 * Asks everything, beginning with another question each time: what is read first takes other ways.
 * @throws what is no TimekvError
 */
export function askAll(store: Store, questions: Questions, first: number): Asked {
  const { all } = questions;
  const answers: unknown[] = Array.from({ length: all.length });
  const refusals: (TimekvError | undefined)[] = Array.from({ length: all.length });
  for (let i = 0; i < all.length; i++) {
    const which = (first + i) % all.length;
    try {
      answers[which] = all[which]?.(store);
    } catch (error) {
      if (!(error instanceof TimekvError)) throw error;
      answers[which] = refused;
      refusals[which] = error;
    }
  }
  return { answers, refusals };
}
