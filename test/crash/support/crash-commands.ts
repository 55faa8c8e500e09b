/** Random commands as those of test/model, in the middle of which processes and power may go. */
import * as fc from 'fast-check';
import { at, type Command, commandsBy, defined, key, value } from '../../model/commands.js';
import type { Weights, Write } from '../../model/commands.js';

/** One end of processes: at the Nth change that they make to the disk, or when all is done. */
export interface Crash {
  isPowerCut: boolean;
  /** How many changes are made before. */
  after: number;
  /** How many bytes of that one get there, if it is a write. */
  torn: number;
  /** What a power cut loses of what was not synced. */
  loss: 'all' | 'nothing' | number;
}

export interface CrashCommand {
  do: 'crash';
  during: Command;
  /** The second one ends the recovery from the first. */
  crashes: Crash[];
  /** Somebody who cannot write looks before anybody else. */
  readerLooks: boolean;
  /** The first write afterwards. */
  next: Write;
}

export type MoreCommand = Command | CrashCommand;

const weights: Weights = {
  write: 42,
  batch: 10,
  together: 5,
  load: 4,
  clock: 4,
  read: 4,
  expire: 4,
  keep: 2,
  'give up': 1,
  'back up': 2,
  restore: 1,
  'let go': 2,
  'set retention': 1,
  snapshot: 9,
  compact: 9,
  'compact full': 9,
  reopen: 9,
  'other handle': 4,
};
const crashWeight = 10;

/** More bytes than there are in any write here. */
const wholeWrite = 1_000_000;

const crash: fc.Arbitrary<Crash> = fc.record({
  isPowerCut: fc.boolean(),
  after: fc.oneof(fc.nat({ max: 6 }), fc.nat({ max: 50 })),
  // Frames begin with what tells most; what lies behind them is zeros.
  torn: fc.oneof(
    fc.constant(0),
    fc.constant(wholeWrite),
    fc.nat({ max: 300 }),
    fc.nat({ max: 5000 }),
  ),
  loss: fc.oneof(
    { weight: 1, arbitrary: fc.constant<Crash['loss']>('all') },
    { weight: 1, arbitrary: fc.constant<Crash['loss']>('nothing') },
    { weight: 2, arbitrary: fc.nat() },
  ),
});

/** Refused, which also waits until all before it is certain. */
const refused: Write = { type: 'set', key: 'a', value: '', at: 0, options: {}, ifSeq: 1_000_000 };

/** Never refused before it comes to the log. */
const next: fc.Arbitrary<Write> = fc.oneof(
  fc.constant(refused),
  fc
    .record({ type: fc.constant('set' as const), key, value, at, options: fc.constant({}) })
    .map((write) => defined(write) as Write),
);

const crashCommand: fc.Arbitrary<CrashCommand> = fc.record({
  do: fc.constant('crash'),
  // Only what changes the disk can be ended in the middle.
  during: commandsBy({
    ...weights,
    clock: 0,
    read: 0,
    'other handle': 0,
    'back up': 6,
    restore: 3,
    'let go': 6,
  }),
  crashes: fc.oneof(
    { weight: 4, arbitrary: fc.tuple(crash) },
    { weight: 1, arbitrary: fc.tuple(crash, crash) },
  ),
  readerLooks: fc.oneof(fc.constant(false), fc.boolean()),
  next,
});

const totalWeight = Object.values(weights).reduce((sum, weight) => sum + weight, 0);

export const moreCommand: fc.Arbitrary<MoreCommand> = fc.oneof(
  { weight: totalWeight, arbitrary: commandsBy(weights) },
  { weight: crashWeight, arbitrary: crashCommand },
);

/** What a command is called where pairs of them are counted. */
export function nameOf(command: MoreCommand, answers: readonly unknown[]): string {
  switch (command.do) {
    case 'write':
      return nameOfWrite(command.write);
    case 'batch':
      return Array.isArray(answers[0]) ? 'batch' : 'batch, refused';
    case 'crash':
      return command.crashes.at(-1)?.isPowerCut === true ? 'power cut' : 'kill';
    case 'snapshot':
      return 'flush';
    case 'keep':
    case 'give up':
      return 'named snapshot';
    case 'back up':
    case 'restore':
      return 'backup or restore';
    case 'let go':
    case 'set retention':
      return 'retention';
    default:
      return command.do;
  }
}

function nameOfWrite(write: Write): string {
  if (write.type !== 'set') return write.type;
  const { onConflict, ttl, expiresAt } = write.options;
  if (write.ifSeq !== undefined) return 'set, ifSeq';
  if (onConflict !== undefined) return `set, ${onConflict}`;
  return ttl === undefined && expiresAt === undefined ? 'set' : 'set, expiring';
}
