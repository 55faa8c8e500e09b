/** What a policy does to the plain model when it is applied. */
import { timestampMax } from '../../src/base/limits.js';
import type { KeepOptions } from '../../src/options.js';
import type { ModelState } from './model-state.js';

interface Moment {
  /** What a read without a time is as of. */
  now: number;
  /** What the clock says; undefined: the store has none. */
  clockNow: number | undefined;
  isMeant: (key: string) => boolean;
}

/** @param asked is applied in the place of the stored policy */
export function applied<V>(
  state: ModelState<V>,
  asked: KeepOptions,
  { now, clockNow, isMeant }: Moment,
): ModelState<V> {
  const isAsked = asked.keepFor !== undefined || asked.keepVersions !== undefined;
  const { keepFor, keepVersions } = (isAsked ? asked : state.policy) ?? {};
  const { committedAt, entries, snapshots, view } = state;
  const lastCommit = committedAt.at(-1);
  if (lastCommit === undefined) return state;
  // A clock that was set wrong while nobody wrote lets nothing go.
  const until = clockNow === undefined ? now : Math.min(clockNow, lastCommit);
  const since = keepFor === undefined ? undefined : until - keepFor;
  if (keepVersions === undefined) {
    if (since === undefined || since < -timestampMax) return state;
    return { ...state, view: view.withHorizon(since), wasThinned: true };
  }
  const heldSeq = Math.max(...[...snapshots.values()].map(({ seq }) => seq));
  const policy = { keepVersions, now, since, heldSeq };
  return { ...state, view: view.keeping(entries, policy, isMeant), wasThinned: true };
}
