/** What happens in one round of power cuts, drawn by seed: who writes what, and when the power goes. */
import type { Random } from '../../support/random.js';
import { powerLoss } from './loop-disk.js';

export type Job =
  'write' | 'maintain' | 'read' | 'create' | 'snapshot' | 'compact' | 'full' | 'rotate';

export interface Worker {
  job: Job;
  durability: 'full' | 'process';
  /** So many batches at a time. */
  burst: number;
  /** Some batches are larger than a step of the zeros written ahead. */
  large: boolean;
}

/** Who works, and when the power goes: so long after one of them has printed this. */
interface Work {
  workers: Worker[];
  moment: {
    worker: number;
    line: string;
    milliseconds: number;
    /** It is not waited for longer than that, since the others fill the disk meanwhile. */
    patienceMs?: number;
  };
}

export interface Plan extends Work {
  loss: number;
  /** Of the file system, from the mount before the cut on. */
  mountOptions: string;
  /** The power goes again while the store is opened after the cut, by these. */
  recoveryCuts: Work[];
  /** Begins with an empty disk. */
  isNewStore: boolean;
}

const mountOptions = [
  'data=ordered',
  'data=ordered,nodelalloc',
  'data=writeback',
  'data=writeback,nodelalloc',
  'data=journal',
];

function worker(random: Random, job: Job): Worker {
  return {
    job,
    durability: 'full',
    burst: random.pick([1, 1, 2, 8]),
    large: job === 'rotate' || random.next() < 0.3,
  };
}

/** The moment that an operation has returned, with nothing else under way that would sync it too. */
function rightAfter(random: Random, isNewStore: boolean): Work {
  const jobs = isNewStore ? ['create' as const] : afterwards;
  const workers = [worker(random, random.pick(jobs))];
  return { workers, moment: { worker: 0, line: 'returned\n', milliseconds: 0 } };
}

const afterwards = ['snapshot', 'compact', 'full', 'rotate'] as const;

/** The moment that a reader sees a frame which takes its writer a while to sync. */
function asSeen(random: Random): Work {
  const writer: Worker = { ...worker(random, 'write'), burst: 8, large: true };
  const line = `\nseen ${random.integer(1, 12)} `;
  const moment = { worker: 1, line, milliseconds: 0, patienceMs: 1000 };
  return { workers: [writer, worker(random, 'read')], moment };
}

function anyMoment(random: Random): Work {
  if (random.next() < 0.2) return asSeen(random);
  const workers = [worker(random, random.pick(['write', 'maintain']))];
  const others = random.next();
  if (others < 0.3) workers.push(worker(random, 'write'));
  if (others < 0.1) workers.push(worker(random, 'write'));
  const [, second] = workers;
  if (random.next() < 0.2) workers.push(worker(random, 'read'));
  // One that syncs nothing of its own may lose its own batches, and nobody else's.
  else if (second !== undefined && random.next() < 0.4) second.durability = 'process';
  if (random.next() < 0.3) return { workers, moment: whileOpening(random) };
  const line = `\nack ${random.integer(0, 40)}\n`;
  const milliseconds = random.pick([0, random.integer(0, 60)]);
  return { workers, moment: { worker: 0, line, milliseconds, patienceMs: 1000 } };
}

function whileOpening(random: Random): Work['moment'] {
  return { worker: 0, line: 'opening\n', milliseconds: random.integer(0, 25) };
}

function cutRecovery(random: Random): Work {
  return { workers: [worker(random, 'write')], moment: whileOpening(random) };
}

export function planRound(random: Random, isNewStore: boolean): Plan {
  const isRightAfter = random.next() < 0.3;
  const work = isRightAfter ? rightAfter(random, isNewStore) : anyMoment(random);
  // Whoever recovers the store may do again what a cut has taken back.
  const recoversTwice = !isRightAfter && random.next() < 0.3;
  return {
    ...work,
    isNewStore,
    loss: random.pick([powerLoss.dropsJournal, powerLoss.keepsJournal]),
    mountOptions: random.pick(mountOptions),
    recoveryCuts: recoversTwice ? [cutRecovery(random)] : [],
  };
}

/** A writer that asked for no more than to survive its own death: to see that a loss is seen. */
export function planControl(random: Random): Plan {
  const careless: Worker = { ...worker(random, 'write'), durability: 'process' };
  return {
    workers: [careless],
    moment: { worker: 0, line: '\nack 30\n', milliseconds: 0 },
    isNewStore: true,
    loss: powerLoss.dropsJournal,
    mountOptions: 'data=ordered',
    recoveryCuts: [],
  };
}
