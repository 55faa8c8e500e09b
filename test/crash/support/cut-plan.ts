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

function anyMoment(random: Random): Work {
  const workers = [worker(random, random.pick(['write', 'maintain']))];
  const others = random.next();
  if (others < 0.3) workers.push(worker(random, 'write'));
  if (others < 0.1) workers.push(worker(random, 'write'));
  const [, second] = workers;
  if (random.next() < 0.3) workers.push(worker(random, 'read'));
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
  const work = random.next() < 0.3 ? rightAfter(random, isNewStore) : anyMoment(random);
  return {
    ...work,
    isNewStore,
    loss: random.pick([powerLoss.dropsJournal, powerLoss.keepsJournal]),
    mountOptions: random.pick(mountOptions),
    recoveryCuts: random.next() < 0.2 ? [cutRecovery(random)] : [],
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
