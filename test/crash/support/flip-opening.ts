/** One opening of a damaged store: asked everything, perhaps written to, and judged. */
import { join } from 'node:path';
import { type ErrorCode, TimekvError } from '../../../src/base/errors.js';
import type { SetOperation } from '../../../src/options.js';
import type { Store } from '../../../src/store.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { askAll, type Asked, type Model, type Questions, refused } from './flip-answers.js';
import type { Damage } from './flip-damage.js';
import { type Allowed, Oracle } from './flip-oracle.js';
import { Site } from './flip-site.js';
import { bootId, type Files, type FlipStore, otherBootId } from './flip-store.js';

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

export type Outcome = 'right' | 'told' | 'like a torn tail' | 'refused to open';

const written: SetOperation<string> = { type: 'set', key: 'm/ключ', value: 'later', at: 77 };

export class Judge {
  readonly #store: FlipStore;
  readonly #questions: Questions;
  readonly #model: Model;
  readonly #oracle: Oracle;
  readonly #directory = temporaryDirectory();
  /** Those after a write too. */
  openings = 0;
  /** Checks of whole stores. */
  verified = 0;

  constructor(store: FlipStore, questions: Questions, model: Model) {
    this.#store = store;
    this.#questions = questions;
    this.#model = model;
    this.#oracle = new Oracle(store);
  }

  /**
   * Opens the store with this damage done to it.
   * @param first which question is asked first
   * @throws what says which answer was wrong, or was not told as it should be
   */
  async judge(damage: Damage, variant: Variant, first: number): Promise<Outcome> {
    const files = new Map(this.#store.files);
    damage.apply(files);
    const { files: original, commits } = this.#store;
    const isSame = (path: string) => files.get(path) === original.get(path);
    const touchesSqlite = [...original.keys()].some((path) => !path.includes('/') && !isSame(path));
    const directory = touchesSqlite ? join(this.#directory, 'sqlite') : undefined;
    const site = new Site(this.#store, files, variant.boot, directory);
    const allowed = this.#oracle.allowed(files, variant.boot, variant.access === 'read');
    const expected = { original, damagedFiles: files, commits: commits.length, allowed, first };
    const opening = new Opening(this.#questions, this.#model, expected);
    try {
      return await opening.run(site, variant);
    } finally {
      this.openings += opening.openings;
      this.verified += opening.verified;
    }
  }
}

interface Expected {
  original: Files;
  damagedFiles: Files;
  commits: number;
  allowed: Allowed;
  first: number;
}

class Opening {
  readonly #questions: Questions;
  readonly #model: Model;
  readonly #expected: Expected;
  readonly #refusedFor = new Set<string>();
  openings = 0;
  verified = 0;

  constructor(questions: Questions, model: Model, expected: Expected) {
    this.#questions = questions;
    this.#model = model;
    this.#expected = expected;
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
    const again = await this.#open(site, { name: 'read again', boot: '', access: 'read' });
    if (again === undefined) return undefined;
    const after = this.#ask(again);
    this.#judge(after, candidates, done);
    await this.#close(again, site);
    return after;
  }

  /** A check of the whole store names what reads were refused for, and nothing that is sound. */
  async #verify(site: Site): Promise<void> {
    this.verified++;
    try {
      const named = (await site.verify()).map(shortPath);
      const sound = named.find((path) => !this.#isDamaged(path) && !this.#goesOnFromDamage(path));
      if (sound !== undefined) throw new Error(`verify names ${sound}, which is sound`);
      for (const path of this.#refusedFor) {
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
    this.openings++;
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
    const asked = askAll(store, this.#questions, this.#expected.first);
    for (const refusal of asked.refusals)
      if (refusal !== undefined) this.#requireTold(refusal, 'a read');
    return asked;
  }

  /** @param candidates numbers of commits; all answers must be those after the same one of them */
  #judge({ answers }: Asked, candidates: (number | undefined)[], done?: typeof written): Outcome {
    let failure = '';
    for (const [index, commits] of candidates.entries()) {
      if (commits === undefined) continue;
      const right = this.#model.answers(commits, done);
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

  /** Told as damage, with a file that is damaged or missing, and a place. */
  #requireTold(error: unknown, doing: string): void {
    if (!(error instanceof TimekvError)) throw error;
    const { code, file = '', offset } = error;
    const path = shortPath(file);
    this.#refusedFor.add(path);
    if (this.#mayTell(code, offset) && this.#isDamaged(path)) return;
    const told = `${code} ${file} ${offset}: ${error.message}`;
    throw new Error(`${doing} is refused in the wrong way: ${told}`, { cause: error });
  }

  /** What marks the catalog as ours, or names its format, may be what is damaged. */
  #mayTell(code: ErrorCode, offset: number | undefined): boolean {
    const { damagedFiles, original } = this.#expected;
    if (code === 'ERR_TIMEKV_DAMAGED') return Number.isSafeInteger(offset);
    const [before, after] = [original, damagedFiles].map(
      (files) => files.get('catalog.db') ?? Buffer.alloc(0),
    );
    if (before === undefined || after === undefined) return false;
    if (code === 'ERR_TIMEKV_UNSUPPORTED_FORMAT') return !before.equals(after);
    const isMarked = before.subarray(68, 72).equals(after.subarray(68, 72));
    return code === 'ERR_TIMEKV_NOT_A_STORE' && !isMarked;
  }

  /** A log that does not go on where the one before it ends may be told by its own name. */
  #goesOnFromDamage(path: string): boolean {
    const before = `wal/${String(Number(path.slice(4, 12)) - 1).padStart(8, '0')}`;
    const logs = [...this.#expected.original.keys()].filter((each) => each.startsWith(before));
    return path.startsWith('wal/') && logs.some((each) => this.#isDamaged(each));
  }

  /** A log and its register that do not fit together are told by the name of either. */
  #isDamaged(path: string): boolean {
    const { damagedFiles, original } = this.#expected;
    return [path, partner(path)].some((each) => {
      const now = damagedFiles.get(each);
      return now === undefined || now !== original.get(each);
    });
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

/** From the store's directory, wherever that is. */
function shortPath(file: string): string {
  return /(?:(?:wal|segments)\/)?[^/]*$/.exec(file)?.[0] ?? '';
}

/** The register of a log, and the log of a register. */
function partner(path: string): string {
  return path.replace(/(wal|end)$/, (ending) => (ending === 'wal' ? 'end' : 'wal'));
}
