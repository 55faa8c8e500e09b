/** All that the plain model knows of a store at one moment. It never changes: a commit makes another. */
import type { KeepOptions } from '../../src/options.js';
import type { Done, ModelEntry } from './model-entries.js';
import { ModelView } from './model-view.js';

export interface ModelSnapshot<V> {
  seq: number;
  now: number;
  /** What the clock said. */
  takenAt: number;
  view: ModelView<V>;
}

export interface ModelState<V> {
  /** All operations, by seq. */
  done: readonly Done<V>[];
  /** What the clock said when each of them was committed. */
  committedAt: readonly number[];
  /** What is not erased of them, by seq; retention may have let it go. */
  entries: readonly ModelEntry<V>[];
  /** The largest timestamp ever written, erased or not. */
  largest: number;
  /** The last *now* that was given to a write. */
  lastNow: number;
  /** What may be seen of the entries. */
  view: ModelView<V>;
  snapshots: ReadonlyMap<string, ModelSnapshot<V>>;
  policy: KeepOptions | undefined;
  /** Some of what was written may have been dropped, and what is done does not tell of it. */
  wasThinned: boolean;
}

export function emptyState<V>(): ModelState<V> {
  return {
    done: [],
    committedAt: [],
    entries: [],
    largest: 0,
    lastNow: -Infinity,
    view: new ModelView(),
    snapshots: new Map(),
    policy: undefined,
    wasThinned: false,
  };
}

/** The same as it was at a snapshot, with what has been erased since taken out. */
export function stateAt<V>(
  state: ModelState<V>,
  { seq: last, now, takenAt, view }: ModelSnapshot<V>,
): ModelState<V> {
  const { done, committedAt, entries, snapshots } = state;
  return {
    ...state,
    done: done.slice(0, last),
    // No later than it was taken: that is what a backup of it knows.
    committedAt: last === 0 ? [] : [...committedAt.slice(0, last - 1), takenAt],
    entries: entries.filter(({ seq }) => seq <= last),
    // Where nothing was written, no now was given.
    ...(last > 0 ? { largest: now, lastNow: now } : { largest: 0, lastNow: -Infinity }),
    view: view.upTo(Infinity),
    snapshots: new Map([...snapshots].filter(([, { seq }]) => seq <= last)),
    wasThinned: isThinned(state),
  };
}

/** True if merges may drop some of what was written. */
export function isThinned<V>({ wasThinned, done }: ModelState<V>): boolean {
  return wasThinned || done.some((each) => 'at' in each || each.state === 'expired');
}
