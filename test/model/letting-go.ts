/** Retention on a store and on the model: what a policy lets go, and that all else stays as it was. */
import { isDeepStrictEqual } from 'node:util';
import type { Store } from '../../src/index.js';
import type { KeepOptions, Version } from '../../src/options.js';
import type { ModelStore } from '../support/model-store.js';
import { answerOf, compareVersions, interestingTimes, same } from './compare.js';

export interface LettingGo {
  policy: KeepOptions;
  /** Stored for the while, instead of given to the compaction. */
  isStored: boolean;
  full: boolean;
  dryRun: boolean;
}

/** What can be asked about one key. */
interface KeyAnswers {
  key: string;
  /** By time. */
  versions: ReadonlyMap<number, unknown>;
  history: readonly Version<string>[];
}

/** Of the store itself, under an empty name, and of each of its snapshots. */
type Answers = ReadonlyMap<string, readonly KeyAnswers[]>;

const truncated = 'refused: ERR_TIMEKV_HISTORY_TRUNCATED';

/** Applies a policy to both. */
export async function letGo(store: Store, model: ModelStore, what: LettingGo): Promise<void> {
  const { policy, isStored, full, dryRun } = what;
  const times = interestingTimes(model);
  const keys = [...model.keys({ all: true })];
  const before = await answersOf(store, keys, times);
  const stored = storedPolicy(model);
  if (isStored) await store.setRetention(policy);
  await store.compact({ full, dryRun, ...(!isStored && policy) });
  if (isStored) await store.setRetention(stored);
  model.compact({ ...policy, dryRun });
  same('retention()', await store.retention(), model.retention());
  compareVersions(store, model);
  const after = await answersOf(store, keys, times);
  await compareAnswers(before, after, store, dryRun ? {} : policy);
}

export function storedPolicy(model: ModelStore): KeepOptions | undefined {
  const { horizon: _, ...policy } = model.retention();
  return Object.keys(policy).length === 0 ? undefined : policy;
}

/**
 * The model after a process has died while a policy was applied: what is seen to be gone is gone, key
 * by key, and the policy is stored or not.
 */
export async function partlyLetGo(
  store: Store,
  model: ModelStore,
  { policy, isStored, dryRun }: LettingGo,
): Promise<ModelStore> {
  const partly = model.clone();
  const { horizon, ...stored } = await store.retention();
  if (isStored && isDeepStrictEqual(stored, { ...policy })) partly.setRetention(policy);
  if (dryRun) return partly;
  const whole = model.clone();
  whole.compact(policy);
  if (policy.keepVersions === undefined) {
    if (horizon === whole.retention().horizon) partly.compact(policy);
  } else {
    partly.compact(policy, (key) => isDeepStrictEqual([...store.history(key)], whole.history(key)));
  }
  return partly;
}

async function answersOf(
  store: Store,
  keys: readonly string[],
  times: readonly number[],
): Promise<Answers> {
  const answers = new Map([['', keys.map((key) => keyAnswers(store, key, times))]]);
  for (const { name } of await store.snapshots()) {
    const at = await store.atSnapshot(name);
    answers.set(
      name,
      keys.map((key) => keyAnswers(at, key, times)),
    );
    await at.close();
  }
  return answers;
}

function keyAnswers(store: Store, key: string, times: readonly number[]): KeyAnswers {
  const versions = times.map((time) => [time, answerOf(() => store.version(key, time))] as const);
  return { key, versions: new Map(versions), history: [...store.history(key)] };
}

/** Of the store's answers only those are others that lie before what is kept. */
async function compareAnswers(
  before: Answers,
  after: Answers,
  store: Store,
  { keepFor, keepVersions }: KeepOptions,
): Promise<void> {
  const movesHorizon = keepFor !== undefined && keepVersions === undefined;
  const { horizon = -Infinity } = movesHorizon ? await store.retention() : {};
  for (const [name, answers] of before) {
    for (const [number, one] of answers.entries()) {
      const then = after.get(name)?.[number];
      const isSame = name !== '' || (!movesHorizon && keepVersions === undefined);
      if (isSame) same(`all of ${name}`, then, one);
      else if (then !== undefined) compareLeft(one, then, movesHorizon ? horizon : undefined);
    }
  }
}

/** @param horizon undefined: what is kept begins with the history */
function compareLeft(before: KeyAnswers, after: KeyAnswers, horizon: number | undefined): void {
  const { key, history } = after;
  const left = history.length === 0 ? [] : before.history.slice(-history.length);
  same(`what is left of ${key}`, history, left);
  const isCut = history.length < before.history.length;
  const first = horizon ?? (isCut ? (history[0]?.timestamp ?? Infinity) : -Infinity);
  for (const [time, answer] of after.versions) {
    if (answer === truncated && time < first) continue;
    same(`version(${key}, ${time}) after letting go`, answer, before.versions.get(time));
  }
}
