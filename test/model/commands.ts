/** Random commands for a store, over domains so small that everything collides. */
import * as fc from 'fast-check';
import type {
  HistoryOptions,
  KeepOptions,
  KeysOptions,
  Operation,
  SetOptions,
} from '../../src/options.js';
import type { LettingGo } from './letting-go.js';

/** Neighbours in one of the two string orders, prefixes of each other, and the longest possible. */
export const keys = ['a', 'a\0', 'ab', 'b', 'é', '\u{FF5E}', '\u{1F600}', 'k'.repeat(2048)];

const lastTime = 12;
const extremes = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];

const usualTime = fc.integer({ min: -2, max: lastTime });

const time = fc.oneof(
  { weight: 30, arbitrary: usualTime },
  { weight: 1, arbitrary: fc.constantFrom(...extremes) },
);

/** Inline values, values of an extent of their own, and none at all. */
export const value = fc.oneof(
  { weight: 8, arbitrary: fc.stringMatching(/^[a-c]{0,3}$/) },
  { weight: 1, arbitrary: fc.constantFrom(2000, 2048, 2049, 5000).map((n) => 'x'.repeat(n)) },
);

/** What `ifSeq` is to be when the command runs: right by the state then, or any number. */
export type Condition = 'right' | 'none' | number;

export type Write = { ifSeq?: Condition } & (
  | { type: 'set'; key: string; value: string; at?: number; options: SetOptions }
  | { type: 'delete'; key: string; at?: number }
  | { type: 'erase'; key: string; at: number | 'all' }
);

export const key = fc.constantFrom(...keys);
export const at = fc.option(time, { nil: undefined, freq: 5 });

const setOptions: fc.Arbitrary<SetOptions> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: fc.constant<SetOptions>({ onConflict: 'fail' }) },
  {
    weight: 2,
    arbitrary: fc.record<SetOptions>({
      onConflict: fc.constant<'bump'>('bump'),
      maxBump: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record<SetOptions>({ ttl: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 1, arbitrary: fc.record<SetOptions>({ expiresAt: fc.integer({ min: -1, max: 15 }) }) },
  {
    weight: 1,
    arbitrary: fc.record<SetOptions>({
      onConflict: fc.constant<'bump'>('bump'),
      ttl: fc.integer({ min: 1, max: 5 }),
    }),
  },
);

const condition: fc.Arbitrary<Condition | undefined> = fc.oneof(
  { weight: 10, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: fc.constant<Condition>('right') },
  { weight: 1, arbitrary: fc.constant<Condition>('none') },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 20 }) },
);

/** Leaves out what is undefined, as exact optional properties ask. */
export function defined<T extends object>(properties: T): T {
  return Object.fromEntries(
    Object.entries(properties).filter(([, property]) => property !== undefined),
  ) as T;
}

const set = fc
  .record({ type: fc.constant('set'), key, value, at, options: setOptions, ifSeq: condition })
  .map((write) => defined(write) as Write);

const remove = fc
  .record({ type: fc.constant('delete'), key, at })
  .map((write) => defined(write) as Write);

const erase: fc.Arbitrary<Write> = fc.record({
  type: fc.constant('erase'),
  key,
  at: fc.oneof({ weight: 4, arbitrary: time }, { weight: 1, arbitrary: fc.constant('all') }),
});
const write = fc.oneof(
  { weight: 8, arbitrary: set },
  { weight: 2, arbitrary: remove },
  { weight: 1, arbitrary: erase },
);

/** Without conditions: what was committed of a load before a refused row is not promised. */
const rows = fc.array(
  fc
    .record({ key, value, at: fc.option(usualTime, { nil: undefined, freq: 5 }) })
    .map((row) => defined(row) as { key: string; value: string }),
  { maxLength: 20 },
);

const keepFor = fc.integer({ min: 1, max: 14 });
const keepVersions = fc.integer({ min: 1, max: 3 });
const policy: fc.Arbitrary<KeepOptions> = fc.oneof(
  fc.record({ keepFor }),
  fc.record({ keepVersions }),
  fc.record({ keepFor, keepVersions }),
);

/** Stored while other things go on, so that it does not matter when a merge applies it. */
const idlePolicy: fc.Arbitrary<KeepOptions | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.constant({ keepVersions: 1000 }),
  fc.record({ keepFor, keepVersions: fc.constant(1000) }),
);

/** Of directories for backups. */
const backupNumber = fc.nat({ max: 1 });

/** Of snapshots. */
const snapshotName = fc.constantFrom('one', 'two', 'three');

export type Command =
  | { do: 'write'; write: Write }
  | { do: 'batch'; writes: Write[] }
  | { do: 'together'; batches: Write[][] }
  | { do: 'load'; rows: { key: string; value: string; at?: number }[] }
  | { do: 'clock'; time: number }
  | { do: 'read'; key: string; at?: number }
  | { do: 'expire'; limit?: number }
  | { do: 'keep' | 'give up'; name: string }
  | { do: 'back up'; to: number; name?: string }
  | { do: 'restore'; from: number }
  | ({ do: 'let go' } & LettingGo)
  | { do: 'set retention'; policy?: KeepOptions }
  | { do: 'snapshot' | 'compact' | 'compact full' | 'reopen' | 'other handle' };

/** How often each command comes. */
export type Weights = Readonly<Record<Command['do'], number>>;

const usual: Weights = {
  write: 24,
  batch: 5,
  together: 3,
  load: 1,
  clock: 4,
  read: 4,
  expire: 3,
  keep: 2,
  'give up': 1,
  'back up': 2,
  restore: 1,
  'let go': 2,
  'set retention': 1,
  snapshot: 5,
  compact: 1,
  'compact full': 2,
  reopen: 3,
  'other handle': 2,
};

const draws: Readonly<Record<Command['do'], fc.Arbitrary<Command>>> = {
  write: write.map((one) => ({ do: 'write', write: one })),
  batch: fc.array(write, { maxLength: 6 }).map((writes) => ({ do: 'batch', writes })),
  together: fc
    .array(fc.array(write, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 5 })
    .map((batches) => ({ do: 'together', batches })),
  load: rows.map((loaded) => ({ do: 'load', rows: loaded })),
  clock: fc.integer({ min: -2, max: lastTime }).map((now) => ({ do: 'clock', time: now })),
  read: fc.record({ key, at }).map((read) => defined({ do: 'read', ...read }) as Command),
  expire: fc
    .record({ limit: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }) })
    .map((expire) => defined({ do: 'expire', ...expire }) as Command),
  keep: snapshotName.map((name) => ({ do: 'keep', name })),
  'give up': snapshotName.map((name) => ({ do: 'give up', name })),
  'back up': fc
    .record({ to: backupNumber, name: fc.option(snapshotName, { nil: undefined, freq: 2 }) })
    .map((backup) => defined({ do: 'back up', ...backup }) as Command),
  restore: backupNumber.map((from) => ({ do: 'restore', from })),
  'let go': fc.record({
    do: fc.constant('let go'),
    policy,
    isStored: fc.boolean(),
    full: fc.boolean(),
    dryRun: fc.nat({ max: 5 }).map((number) => number === 0),
  }),
  'set retention': idlePolicy.map((idle) =>
    defined<Command>({ do: 'set retention', policy: idle as KeepOptions }),
  ),
  snapshot: fc.constant({ do: 'snapshot' }),
  compact: fc.constant({ do: 'compact' }),
  'compact full': fc.constant({ do: 'compact full' }),
  reopen: fc.constant({ do: 'reopen' }),
  'other handle': fc.constant({ do: 'other handle' }),
};

export function commandsBy(weights: Weights): fc.Arbitrary<Command> {
  const names = Object.keys(draws) as Command['do'][];
  return fc.oneof(...names.map((name) => ({ weight: weights[name], arbitrary: draws[name] })));
}

export const command: fc.Arbitrary<Command> = commandsBy(usual);

const limit = fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined });
const flag = fc.option(fc.boolean(), { nil: undefined });
const bound = fc.option(fc.constantFrom(...keys, 'aa', 'c', '\u{10FFFF}'), { nil: undefined });

export const historyQuery = fc
  .record({ from: at, to: at, limit, reverse: flag })
  .map((query) => defined(query) as HistoryOptions);

export const keysQuery = fc
  .record({
    prefix: fc.option(fc.constantFrom('', 'a', 'a\0', 'k', 'kk', 'é', '\u{1F600}'), {
      nil: undefined,
    }),
    start: bound,
    end: bound,
    at,
    limit,
    reverse: flag,
    all: flag,
  })
  .map((query) => defined(query) as KeysOptions);

/** The write as an operation of `batch`, its condition decided. */
export function toOperation(
  one: Write,
  right: (key: string, at?: number) => number | undefined,
): Operation<string> {
  if (one.type === 'erase') return { type: 'erase', key: one.key, at: one.at };
  const when = one.at === undefined ? {} : { at: one.at };
  if (one.type === 'delete') return { type: 'delete', key: one.key, ...when };
  const ifSeq = one.ifSeq === 'right' ? (right(one.key, one.at) ?? 'none') : one.ifSeq;
  const guard = ifSeq === undefined ? {} : { ifSeq };
  return { type: 'set', key: one.key, value: one.value, ...when, ...one.options, ...guard };
}
