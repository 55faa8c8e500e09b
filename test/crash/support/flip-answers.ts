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
export type Question = (from: ModelStore | Store) => unknown;

/** The times of scans; a set of questions has one of them in each direction. */
const scanTimes = [20, 31, undefined];

/**
 * Sets of questions, the same for the model and for a store. Each asks for every key at every time,
 * every history, and a scan both ways; they differ in the direction of the rest, and the scans' times.
 */
export function questionSets(commits: readonly Commit[]): readonly (readonly Question[])[] {
  const times = modelOf(commits).instants();
  const timesOf = (key: string) => (rare.includes(key) ? [0, 5] : times);
  const always: Question[] = [
    (from) => from.now(),
    ...asked.flatMap((key) => [
      ...timesOf(key).map(
        (time): Question =>
          (from) =>
            spelled(from.version(key, time)),
      ),
      (from: ModelStore | Store) => from.get(key),
    ]),
  ];
  const oneWay = (reverse: boolean): Question[] => [
    ...asked.map(
      (key): Question =>
        (from) =>
          rows(from.history(key, { reverse })),
    ),
    (from) => [...from.keys({ all: true, reverse })].join('\n'),
  ];
  const scan = (index: number, reverse: boolean): Question => {
    const at = scanTimes[index % scanTimes.length];
    return (from) => rows(from.scan(at === undefined ? { reverse } : { at, reverse }));
  };
  return scanTimes.flatMap((_, time) =>
    [false, true].map((reverse) => {
      return [...always, ...oneWay(reverse), scan(time, false), scan(time + 1, true)];
    }),
  );
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

/** The right answers to a set of questions after the first so many commits, and one more maybe. */
export class Model {
  readonly #commits: readonly Commit[];
  readonly #known = new Map<readonly Question[], Map<string, Answers>>();

  constructor(commits: readonly Commit[]) {
    this.#commits = commits;
  }

  answers(questions: readonly Question[], commits: number, written?: Operation<string>): Answers {
    const name = `${commits} ${String(written !== undefined)}`;
    const ofSet = this.#known.get(questions) ?? new Map<string, Answers>();
    this.#known.set(questions, ofSet);
    const known = ofSet.get(name);
    if (known !== undefined) return known;
    const done = this.#commits.slice(0, commits);
    if (written !== undefined) done.push({ clock: readClock, operations: [written] });
    const model = modelOf(done);
    const answers = questions.map((question) => question(model));
    ofSet.set(name, answers);
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
export function askAll(store: Store, questions: readonly Question[], first: number): Asked {
  const { length } = questions;
  const answers: unknown[] = Array.from({ length });
  const refusals: (TimekvError | undefined)[] = Array.from({ length });
  for (let i = 0; i < length; i++) {
    const which = (first + i) % length;
    try {
      answers[which] = questions[which]?.(store);
    } catch (error) {
      if (!(error instanceof TimekvError)) throw error;
      answers[which] = refused;
      refusals[which] = error;
    }
  }
  return { answers, refusals };
}
