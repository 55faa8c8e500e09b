/** A model run on a simulated computer: after each crash the store is as some moment could leave it. */
import { isDeepStrictEqual } from 'node:util';
import type { Unit } from '../../../src/options.js';
import type { Store } from '../../../src/store.js';
import { type Command, toOperation } from '../../model/commands.js';
import { compareVersions, same, snapshotsOf } from '../../model/compare.js';
import { partlyLetGo, storedPolicy } from '../../model/letting-go.js';
import { outcome } from '../../model/outcome.js';
import { ModelRun, type Request, together } from '../../model/run-commands.js';
import type { ModelStore } from '../../support/model-store.js';
import type { Crash, CrashCommand, MoreCommand } from './crash-commands.js';
import type { SimulatedPlace } from './simulated-place.js';

/** What a request has told before the end; `sure` parts of it are there. */
interface Told {
  answer: unknown;
  isAnswered: boolean;
  sure: number;
}

/** The states that a store may be in: after each part of what was under way, in their order. */
type States = readonly ModelStore[];

export class CrashRun {
  readonly run: ModelRun;
  readonly #place: SimulatedPlace;
  readonly #unit: Unit;

  private constructor(run: ModelRun, place: SimulatedPlace, unit: Unit) {
    this.run = run;
    this.#place = place;
    this.#unit = unit;
  }

  static async begin(place: SimulatedPlace, unit: Unit): Promise<CrashRun> {
    return new CrashRun(await ModelRun.begin(place, unit), place, unit);
  }

  /** @returns what was answered, if the command writes and nothing has crashed */
  async step(command: MoreCommand): Promise<readonly unknown[]> {
    if (command.do === 'crash') {
      await this.#crash(command);
      return [];
    }
    const answers = await this.run.run(command);
    if (command.do === 'reopen') await this.check();
    return answers;
  }

  /** Compares what is quick to compare. */
  async check(): Promise<void> {
    const { store, model } = this.run;
    const { seq, entries } = await store.stats();
    same('seq', seq, model.seq);
    if (!model.isThinned) same('entries', entries, model.seq);
    compareVersions(store, model);
  }

  async #crash({ during, crashes, readerLooks, next }: CrashCommand): Promise<void> {
    let states: States = [];
    for (const [number, crash] of crashes.entries()) {
      if (number === 0) states = await this.#endDuring(during, crash);
      else states = await this.#endOpening(during, states, crash);
    }
    if (readerLooks) {
      const store = await this.#place.openToRead(this.#unit);
      if (store !== undefined) {
        states = await look(store, await seenAfter(during, store, states));
        this.#place.kill(store);
      } else same('what was lost with the whole store', states[0]?.seq, 0);
    }
    const store = await this.#place.open(this.#unit);
    this.run.goOnWith(store, this.#place.isAlive);
    states = await look(store, await seenAfter(during, store, states));
    const operation = toOperation(next, () => undefined);
    if (during.do === 'let go') states = await this.#takeBackPolicy(during, store, states);
    const answer = await outcome(() => store.batch([operation]));
    // Now it is certain what of all that was under way is there, and in which order it came.
    const { seq } = await store.stats();
    const expected = [];
    for (const model of states) {
      const modelAnswer = await outcome(() => model.batch([operation]));
      expected.push({ answer: modelAnswer, seq: model.seq });
    }
    const at = expected.findIndex((each) => isDeepStrictEqual(each, { answer, seq }));
    if (at < 0) same('the first write after a crash', { answer, seq }, expected);
    this.run.model = states[at]!;
    await this.run.backups.lookAfterCrash();
  }

  /** A process dies in the middle of a command; answers what may be there afterwards. */
  async #endDuring(command: Command, crash: Crash): Promise<States> {
    const { run } = this;
    const { store } = run;
    const requests = run.requests(command, true);
    this.#place.expect(crash);
    const told = await Promise.all(requests.map((request) => this.#ask(store, request)));
    try {
      await run.runOther(command);
    } catch (error) {
      if (!this.#place.hasCrashed) throw error;
    }
    this.#place.end(crash, run.store);
    return statesAfter(run.model, requests, told);
  }

  async #endOpening(during: Command, states: States, crash: Crash): Promise<States> {
    this.#place.expect(crash);
    let store: Store | undefined;
    let left = states;
    try {
      store = await this.#place.open(this.#unit);
      left = await look(store, await seenAfter(during, store, states));
    } catch (error) {
      if (!this.#place.hasCrashed) throw error;
    }
    this.#place.end(crash, store);
    return left;
  }

  /** What was stored for the while is in the way of what follows. */
  async #takeBackPolicy(during: Command, store: Store, states: States): Promise<States> {
    const before = storedPolicy(this.run.model);
    // A merge that came by itself may have applied it since.
    const [model = this.run.model] = await seenAfter(during, store, states);
    await store.setRetention(before);
    model.setRetention(before);
    return look(store, [model]);
  }

  async #ask(store: Store, request: Request): Promise<Told> {
    let sure = 0;
    const onProgress = (rows: number) => {
      sure = rows;
    };
    try {
      const answer = await outcome(() => request.ask(store, onProgress));
      const isAnswered = !(this.#place.hasCrashed && unanswered.has(String(answer)));
      return { answer, isAnswered, sure };
    } catch (error) {
      if (!this.#place.hasCrashed) throw error;
      return { answer: undefined, isAnswered: false, sure };
    }
  }
}

/** What a process that has died is told by its own code. */
const unanswered = new Set(['refused: ERR_TIMEKV_OUTCOME_UNKNOWN', 'refused: ERR_TIMEKV_IO']);

async function statesAfter(
  before: ModelStore,
  requests: readonly Request[],
  told: readonly Told[],
): Promise<States> {
  const states = [before.clone()];
  let sure = 0;
  for (const [at, { parts }] of requests.entries()) {
    const { isAnswered, answer, sure: partsSure } = told[at]!;
    const first = states.length - 1;
    const answers = [];
    for (const part of parts) {
      const model = states.at(-1)!.clone();
      answers.push(await outcome(() => part(model)));
      states.push(model);
    }
    if (isAnswered) {
      same(`request ${at}`, answer, together(answers));
      sure = states.length - 1;
    } else if (partsSure > 0) {
      sure = first + partsSure;
    }
  }
  return states.slice(sure);
}

/** Of what a policy lets go some may be gone, key by key. */
async function seenAfter(during: Command, store: Store, states: States): Promise<States> {
  if (during.do !== 'let go') return states;
  return Promise.all(states.map((model) => partlyLetGo(store, model, during)));
}

/** @returns the states that are left: that which is seen now, and later ones */
async function look(store: Store, states: States): Promise<States> {
  const { seq } = await store.stats();
  const snapshots = await snapshotsOf(store);
  // What is in the catalog is there at once; of the log more may come to light.
  const retention = await store.retention();
  const listed = { snapshots, retention };
  const left = states.filter((model) => isDeepStrictEqual(listedIn(model), listed));
  const at = left.findIndex((model) => model.seq === seq);
  if (at < 0) {
    const seen = JSON.stringify({ seq, ...listed });
    const possible = states.map((model) => {
      return JSON.stringify({ seq: model.seq, ...listedIn(model) });
    });
    throw new Error(`after the crash there is ${seen}, and not one of ${possible.join(', ')}`);
  }
  compareVersions(store, left[at]!);
  return left.slice(at);
}

/** What the catalog has of it. */
function listedIn(model: ModelStore) {
  return { snapshots: model.snapshots(), retention: model.retention() };
}
