/** The writers of K9: what each of the four places does in one life of a process. */
import type { Random } from '../../support/random.js';
import { commandWriter, libraryWriter, type Writer } from './killing.js';
import type { Row } from './ledger.js';

interface Life {
  /** The beginning of all keys of this life, so that no two lives write the same. */
  who: string;
  directory: string;
  /** A file for what the process has to know. */
  path: string;
  random: Random;
}

type MakeWriter = (life: Life) => Writer;

/** More than a process commits before it is killed. */
const groupsPerLife = 60;

function row(who: string, name: string, timestamp: number, random: Random): Row {
  // A few large ones let the log be full soon. (One argument of a command takes 128 KiB at most.)
  const bytes = random.next() < 0.15 ? random.integer(60_000, 120_000) : random.integer(10, 200);
  return { key: `${who}/${name}`, timestamp, value: `${who}:${timestamp}:`.padEnd(bytes, 'v') };
}

function pair(who: string, timestamp: number, random: Random): Row[] {
  const left = row(who, 'left', timestamp, random);
  return [left, { ...left, key: `${who}/right` }];
}

function library(durability: 'full' | 'process'): MakeWriter {
  return ({ who, directory, path, random }) => {
    const groups = Array.from({ length: groupsPerLife }, (_, number) =>
      random.next() < 0.4 ? pair(who, number, random) : [row(who, 'own', number, random)],
    );
    return libraryWriter(who, groups, { directory, path, durability, width: random.integer(1, 5) });
  };
}

const coProcess: MakeWriter = ({ who, directory, random }) => {
  const rows = Array.from({ length: groupsPerLife }, (_, number) =>
    row(who, 'own', number, random),
  );
  const input = rows.map((each) => `${setOf(each)}\n`).join('');
  return commandWriter(
    who,
    rows.map((each) => [each]),
    { directory, args: ['batch'], input },
  );
};

const atomicBatch: MakeWriter = ({ who, directory, random }) => {
  const group = Array.from({ length: 10 }, (_, number) => pair(who, number, random)).flat();
  const input = group.map(setOf).join('\n');
  return commandWriter(who, [group], { directory, args: ['batch', '--atomic'], input });
};

const oneShot: MakeWriter = ({ who, directory, random }) => {
  const only = row(who, 'own', random.integer(-1000, 1000), random);
  const args = setOf(only).split(' ');
  return commandWriter(who, [[only]], { directory, args, input: '' });
};

const importing: MakeWriter = ({ who, directory, random }) => {
  const rows = Array.from({ length: 100 }, (_, number) => row(who, 'own', number, random));
  const lines = rows.map(({ key, timestamp, value }) => `${key},${timestamp},${value}`);
  const input = ['key,timestamp,value', ...lines, ''].join('\n');
  return commandWriter(
    who,
    rows.map((each) => [each]),
    { directory, args: ['import'], input },
  );
};

function setOf({ key, value, timestamp }: Row): string {
  return `set ${key} ${value} ${timestamp}`;
}

/**
 * The four places, and how many lives each has until the store is checked: the command line takes
 * four times as long to start.
 */
export const writerPlaces: readonly { lives: number; makeWriter: MakeWriter }[] = [
  { lives: 12, makeWriter: library('full') },
  { lives: 12, makeWriter: library('process') },
  { lives: 3, makeWriter: coProcess },
  {
    lives: 3,
    makeWriter: (life) => life.random.pick([oneShot, oneShot, atomicBatch, importing])(life),
  },
];
