/** One opening of a damaged store: asked everything, perhaps written to, and judged. */
import { TimekvError } from '../../../src/base/errors.js';
import type { SetOperation } from '../../../src/options.js';
import type { Store } from '../../../src/store.js';
import { isLong } from '../../support/harness.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { askAll, type Asked, Model, type Question, questionSets, refused } from './flip-answers.js';
import type { Damage } from './flip-damage.js';
import { type Allowed, Oracle } from './flip-oracle.js';
import { Places } from './flip-places.js';
import { Site } from './flip-site.js';
import { bootId, type FlipStore, otherBootId } from './flip-store.js';
import { partner, shortPath, Telling } from './flip-telling.js';

export interface Variant {
  name: string;
  boot: string;
  access: 'read' | 'open' | 'write';
}

export const variants: readonly Variant[] = (['read', 'open', 'write'] as const).flatMap(
  (access) => [
    { name: `${access} in the same boot`, boot: bootId, access },
    { name: `${access} in another boot`, boot: otherBootId, access },
  ],
);

export function variantOf(turn: number): Variant {
  const variant = variants[turn % variants.length];
  if (variant === undefined) throw new RangeError('there are no variants');
  return variant;
}

export type Outcome = 'right' | 'told' | 'like a torn tail' | 'refused to open';

const written: SetOperation<string> = { type: 'set', key: 'm/ключ', value: 'later', at: 77 };

/** Every so many rounds of the variants the whole store is checked too, where nothing writes. */
const roundsOfChecks = isLong ? 5 : 10;

export class Judge {
  readonly #store: FlipStore;
  readonly #questionSets: readonly (readonly Question[])[];
  readonly #model: Model;
  readonly #oracle: Oracle;
  readonly #places: Places;
  readonly #directory = temporaryDirectory();
  readonly counts: Counts = { openings: 0, verified: 0, again: 0, refusedAgain: 0 };

  constructor(store: FlipStore) {
    this.#store = store;
    this.#questionSets = questionSets(store.commits);
    this.#model = new Model(store.commits);
    this.#oracle = new Oracle(store);
    this.#places = new Places(store.files);
  }

  /**
   * Opens the store with this damage done to it, in the way whose turn it is.
   * @throws what says which answer was wrong, or was not told as it should be
   */
  async judge(damage: Damage, turn: number): Promise<Outcome> {
    const variant = variantOf(turn);
    const files = new Map(this.#store.files);
    damage.apply(files);
    const site = new Site(this.#store, files, variant.boot, this.#directory);
    const allowed = this.#oracle.allowed(files, variant.boot, variant.access === 'read');
    const round = Math.floor(turn / variants.length);
    const questions = this.#questionSets[round % this.#questionSets.length] ?? [];
    const expected: Expected = {
      questions,
      first: (turn * 31) % questions.length,
      model: this.#model,
      commits: this.#store.commits.length,
      allowed,
      telling: new Telling(this.#store, files, this.#places, damage.spot),
      isChecked: round % roundsOfChecks === 0,
    };
    return new Opening(expected, this.counts).run(site, variant);
  }
}

interface Counts {
  openings: number;
  /** Checks of whole stores. */
  verified: number;
  /** Of the openings those after a write, and of these the ones that were refused. */
  again: number;
  refusedAgain: number;
}

interface Expected {
  questions: readonly Question[];
  /** Which is asked first. */
  first: number;
  model: Model;
  commits: number;
  allowed: Allowed;
  telling: Telling;
  /** The whole store is checked too. */
  isChecked: boolean;
}

class Opening {
  readonly #expected: Expected;
  readonly #counts: Counts;
  readonly #refusedFor = new Set<string>();

  constructor(expected: Expected, counts: Counts) {
    this.#expected = expected;
    this.#counts = counts;
  }

  async run(site: Site, variant: Variant): Promise<Outcome> {
    const { allowed, commits } = this.#expected;
    const opened = await this.#open(site, variant);
    if (opened === undefined) {
      await this.#verify(site);
      return 'refused to open';
    }
    const asked = this.#ask(opened);
    const outcome = this.#judge(asked, [commits, allowed.reading]);
    if (variant.access === 'write') {
      const after = await this.#write(opened, site);
      const isWhole = outcome !== 'like a torn tail' && !allowed.mayHideMore;
      if (isWhole) requireNothingLost(asked, after);
    } else {
      await this.#close(opened, site);
      if (variant.access === 'read') await this.#verify(site);
    }
    return outcome;
  }

  /** Writes, or is refused to, and asks again as the next process, unless that cannot open it. */
  async #write(store: Store, site: Site): Promise<Asked | undefined> {
    const { allowed, commits } = this.#expected;
    let done: typeof written | undefined = written;
    try {
      await store.set(written.key, written.value, written.at ?? 0);
    } catch (error) {
      this.#requireTold(error, 'the write');
      done = undefined;
    }
    const candidates =
      done === undefined ? [commits, allowed.reading, allowed.settled] : [commits, allowed.settled];
    if (done !== undefined) this.#readOwn(store);
    await this.#close(store, site);
    this.#counts.again++;
    const again = await this.#open(site, { name: 'read again', boot: '', access: 'read' });
    if (again === undefined) {
      this.#counts.refusedAgain++;
      return undefined;
    }
    const after = this.#ask(again);
    this.#judge(after, candidates, done);
    await this.#close(again, site);
    return after;
  }

  /** A check of the whole store names what reads were refused for, and nothing that is sound. */
  async #verify(site: Site): Promise<void> {
    const { telling, isChecked } = this.#expected;
    if (!isChecked) return;
    this.#counts.verified++;
    try {
      const damages = await site.verify();
      for (const { file, offset } of damages) telling.requireNamed(file, offset);
      const named = damages.map(({ file }) => shortPath(file));
      for (const path of this.#refusedFor) {
        // Nothing answers from a lock; whether its table has the right name is seen when it is taken.
        if (path.endsWith('.lock')) continue;
        if (named.some((each) => each === path || each === partner(path))) continue;
        throw new Error(`a read is refused for ${path}, and verify names ${named.join(', ')}`);
      }
    } catch (error) {
      if (error instanceof TimekvError) this.#requireTold(error, 'verify');
      else throw error;
    }
  }

  async #close(store: Store, site: Site): Promise<void> {
    await store.close();
    if (site.openFiles > 0) throw new Error('a store that was closed leaves files open');
  }

  /** What was written is there, or its read is refused. */
  #readOwn(store: Store): void {
    try {
      const { key, at, value } = written;
      const got = store.get(key, at);
      if (got !== value) throw new Error(`what was written reads ${JSON.stringify(got)}`);
    } catch (error) {
      this.#requireTold(error, 'a read');
    }
  }

  async #open(site: Site, { access, name }: Variant): Promise<Store | undefined> {
    this.#counts.openings++;
    try {
      return await site.open({ readOnly: access === 'read' }, access === 'write');
    } catch (error) {
      this.#requireTold(error, `opening to ${name}`);
      if (site.openFiles > 0)
        throw new Error('a refused opening leaves files open', { cause: error });
      return undefined;
    }
  }

  #ask(store: Store): Asked {
    const asked = askAll(store, this.#expected.questions, this.#expected.first);
    for (const refusal of asked.refusals)
      if (refusal !== undefined) this.#requireTold(refusal, 'a read');
    return asked;
  }

  /** @param candidates numbers of commits; all answers must be those after the same one of them */
  #judge({ answers }: Asked, candidates: (number | undefined)[], done?: typeof written): Outcome {
    const { model, questions } = this.#expected;
    let failure = '';
    for (const [index, commits] of candidates.entries()) {
      if (commits === undefined) continue;
      const right = model.answers(questions, commits, done);
      const wrong = answers.findIndex(
        (answer, which) => answer !== refused && answer !== right[which],
      );
      if (wrong === -1) {
        if (index > 0) return 'like a torn tail';
        return answers.includes(refused) ? 'told' : 'right';
      }
      failure += `\n  after ${commits} commits question ${wrong} has the answer ${JSON.stringify(right[wrong])}, and not ${JSON.stringify(answers[wrong])}`;
    }
    throw new Error(`a wrong answer:${failure}`);
  }

  /** Told as damage, with a file that is damaged or missing, and the place. */
  #requireTold(error: unknown, doing: string): void {
    if (!(error instanceof TimekvError)) throw error;
    this.#refusedFor.add(shortPath(error.file ?? ''));
    this.#expected.telling.requireTold(error, doing);
  }
}

/** Damage is told of nothing that could be read before the store was written to. */
function requireNothingLost(before: Asked, after: Asked | undefined): void {
  if (after === undefined) throw new Error('it opens no more once something was written');
  for (const [which, answer] of after.answers.entries()) {
    if (answer !== refused || before.answers[which] === refused) continue;
    const why = after.refusals[which]?.message;
    throw new Error(
      `question ${which} was answered before something was written, and then: ${why}`,
    );
  }
}
