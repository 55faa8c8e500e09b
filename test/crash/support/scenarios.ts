/** The commands that STRACE does harm to, each with the store that it meets and what it commits. */
import { smallFanIn } from '../../../src/base/limits.js';
import { Random } from '../../support/random.js';
import { type Keeping, keepingScenarios } from './kept-scenarios.js';
import type { Row } from './ledger.js';
import {
  fullLog,
  logged,
  nothing,
  type Prepare,
  restarted,
  Rows,
  segments,
  smallMemory,
  tornTail,
} from './prepared-stores.js';
import type { Command, Traced } from './strace.js';
import type { Call } from './trace.js';

export interface Scenario {
  name: string;
  rows: Rows;
  /** Makes the store that the command meets. */
  prepare: Prepare;
  /** What may fail without a word: it can be done another time as well. */
  canWait: (call: Call, code: string) => boolean;
  command: Command;
  /** What the command commits, in order, each group whole or not at all. */
  groups: Row[][];
  /** How many groups it said that it has committed. */
  countAnswers: (outcome: Traced) => number;
  /** If it commits no rows, and yet something. */
  keeps?: Keeping;
}

const nothingWaits = () => false;

/** A command that has sealed a log flushes it when all else is done. */
function flushing({ role }: Call): boolean {
  return /^store.(segments|catalog\.db|maint\.lock)/.test(role);
}

/** After a restart it goes on in a new log at once, or, if the disk is full, in the old one. */
function settling(call: Call, code: string): boolean {
  return flushing(call) || (code === 'ENOSPC' && /^store.(wal|quarantine)/.test(call.role));
}

/** A seed varies keys, values and sizes; the system calls stay about the same. */
export function makeScenarios(seeds: Random): Scenario[] {
  // Each draws for itself, whatever the others do meanwhile.
  const random = () => new Random(seeds.integer(0, 2 ** 31));
  const some = logged(seeds.integer(2, 6));
  return [
    set('set', random(), some),
    set('first set', random(), nothing),
    set('set that rotates', random(), fullLog),
    set('set behind a torn tail', random(), tornTail),
    batch('batch after a restart', random(), { prepare: restarted, bursts: 1 }),
    batch('batch', random(), { prepare: some, bursts: 3 }),
    atomicBatch('batch --atomic', random(), some),
    importing('import', random(), some),
    maintaining('snapshot', random(), logged(6)),
    maintaining('compact', random(), segments(smallFanIn)),
    maintaining('compact --full', random(), segments(3)),
    ...keepingScenarios(random),
  ];
}

function set(name: string, random: Random, prepare: Prepare): Scenario {
  const rows = new Rows(random);
  const row = rows.next();
  const args = ['set', '--json', ...smallMemory, row.key, row.value ?? '', String(row.timestamp)];
  const canWait = prepare === fullLog ? flushing : nothingWaits;
  const command = { args, input: '' };
  return { name, rows, prepare, canWait, command, groups: [[row]], countAnswers: countLines };
}

function batch(
  name: string,
  random: Random,
  { prepare, bursts: count }: { prepare: Prepare; bursts: number },
): Scenario {
  const rows = new Rows(random);
  const bursts = Array.from({ length: count }, () => rows.several(random.integer(1, 4)));
  // What is read has to be committed before; so each burst is a commit of its own.
  const input = bursts.map((burst) => `get k1\n${burst.map(lineOf).join('\n')}\n`).join('');
  const groups = bursts.flat().map((row) => [row]);
  const asked = input.split('\n');
  let before: string | undefined;
  return {
    name,
    rows,
    prepare: async (directory, more) => {
      const tolds = await prepare(directory, more);
      const of = tolds.flatMap((told) => told.groups.flat()).filter(({ key }) => key === 'k1');
      before = of.at(-1)?.value;
      return tolds;
    },
    canWait: prepare === restarted ? settling : nothingWaits,
    command: { args: ['batch', '--json'], input },
    groups,
    // One line answers each line.
    countAnswers: ({ stdout }) => {
      const answers = stdout.split('\n').slice(0, -1);
      checkRead(answers[0], before);
      return answers.filter(
        (answer, line) => asked[line]?.startsWith('set') && answer.startsWith('{"key"'),
      ).length;
    },
  };
}

/** The first line asks for what is there already. */
function checkRead(answer: string | undefined, value: string | undefined): void {
  if (answer === undefined || answer.startsWith('{"error"')) return;
  const version = JSON.parse(answer) as { value: string } | null;
  if (version?.value !== value) throw new Error(`it reads ${answer} in place of ${value}`);
}

function atomicBatch(name: string, random: Random, prepare: Prepare): Scenario {
  const rows = new Rows(random);
  const group = rows.several(random.integer(2, 6), 200);
  const command = { args: ['batch', '--json', '--atomic'], input: group.map(lineOf).join('\n') };
  const countAnswers = (outcome: Traced) => (countLines(outcome) > 0 ? 1 : 0);
  return { name, rows, prepare, canWait: nothingWaits, command, groups: [group], countAnswers };
}

function importing(name: string, random: Random, prepare: Prepare): Scenario {
  const rows = new Rows(random);
  const written = rows.several(random.integer(16, 20), 30_000);
  const lines = written.map(({ key, timestamp, value }) => `${key},${timestamp},${value}`);
  const command = {
    args: ['import', '--json', ...smallMemory],
    input: ['key,timestamp,value', ...lines, ''].join('\n'),
  };
  const countAnswers = ({ code, stderr }: Traced) =>
    code === 0 ? written.length : Number(/up to line (\d+) is/.exec(stderr)?.[1] ?? 1) - 1;
  const groups = written.map((row) => [row]);
  return { name, rows, prepare, canWait: nothingWaits, command, groups, countAnswers };
}

function maintaining(name: string, random: Random, prepare: Prepare): Scenario {
  const command = { args: [...name.split(' '), '--json'], input: '' };
  const rows = new Rows(random);
  return {
    name,
    rows,
    prepare,
    canWait: nothingWaits,
    command,
    groups: [],
    countAnswers: () => 0,
  };
}

function lineOf({ key, value, timestamp }: Row): string {
  return `set ${key} ${value} ${timestamp}`;
}

function countLines({ stdout }: Traced): number {
  return stdout.split('\n').filter((line) => line.startsWith('{"key"')).length;
}
