/** One point: a scenario's command, in a fresh copy of its store, harmed at one call, and the check after. */
import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorCodes } from '../../../src/index.js';
import { removeDirectory } from '../../support/temporary-directory.js';
import { checkAfterHarm, checkAfterLie } from './aftermath.js';
import { checkKept, checkKeptAfterLie, type Contents, contentOf } from './kept-aftermath.js';
import type { Told } from './ledger.js';
import type { Scenario } from './scenarios.js';
import { type Harm, runTraced, type Traced } from './strace.js';
import type { Call } from './trace.js';

/** A scenario with its store made, and the calls that its command makes there when nothing is wrong. */
export interface Stage {
  scenario: Scenario;
  root: string;
  before: Told[];
  /** Of a command that keeps moments, or takes something out. */
  contents: Contents | undefined;
  calls: Call[];
}

export interface Point {
  /** Which one, in words that find it again. */
  name: string;
  stage: Stage;
  call: Call;
  harm: Harm;
}

/** How a point went: it must have been harmed at the very call that was meant. */
export type Went = 'missed' | 'right' | 'reported' | 'late';

export async function makeStage(scenario: Scenario, root: string): Promise<Stage> {
  const template = join(root, 'template');
  mkdirSync(template, { recursive: true });
  const before = await scenario.prepare(join(template, 'store'), scenario.rows);
  const stage: Stage = { scenario, root, before, contents: undefined, calls: [] };
  const directory = copyOf(stage, 'unharmed');
  const outcome = await runTraced(directory, scenario.command);
  const told = toldBy(scenario, outcome);
  if (
    outcome.code !== 0 ||
    told.acknowledged < Math.max(scenario.groups.length, scenario.keeps ? 1 : 0)
  ) {
    throw new Error(`${scenario.name} fails unharmed: ${JSON.stringify(outcome)}`);
  }
  const { calls } = outcome;
  if (scenario.keeps === undefined) {
    await checkAfterHarm(directory, [...before, told]);
    return { ...stage, calls };
  }
  const contents = {
    before: await contentOf(copyOf(stage, 'unread')),
    after: await contentOf(directory),
  };
  if (contents.before === contents.after) throw new Error(`${scenario.name} changes nothing`);
  return { ...stage, calls, contents };
}

/** A call of the same name and number in another thread is met by the same harm. */
export function pointsOf(stage: Stage): Point[] {
  const met = new Set<string>();
  const points: Point[] = [];
  for (const call of stage.calls) {
    const where = `${call.name}#${call.nth}`;
    if (met.has(where)) continue;
    met.add(where);
    for (const harm of harmsAt(call)) {
      const name = `${stage.scenario.name}: ${nameOf(harm)} at ${where} of ${call.role}`;
      points.push({ name, stage, call, harm });
    }
  }
  return points;
}

function harmsAt({ name, answered = 0 }: Call): Harm[] {
  const kill: Harm = { kind: 'kill' };
  if (name === 'exit_group') return [kill];
  const harms: Harm[] = [kill, { kind: 'fail', code: 'EIO' }];
  if (['pwrite64', 'openat', 'mkdir', 'ftruncate'].includes(name))
    harms.push({ kind: 'fail', code: 'ENOSPC' });
  if (name !== 'pwrite64') return harms;
  harms.push({ kind: 'lie', bytes: answered });
  // The rest is then written by a second call.
  if (answered > 1) harms.push({ kind: 'lie', bytes: Math.floor(answered / 2) });
  return harms;
}

function nameOf(harm: Harm): string {
  if (harm.kind === 'fail') return harm.code;
  return harm.kind === 'kill' ? 'kill' : `lie of ${harm.bytes}`;
}

let copies = 0;

/** @returns the directory of the store, alone with what the command needs beside it */
function copyOf({ root }: Pick<Stage, 'root'>, name: string): string {
  const parent = join(root, name);
  cpSync(join(root, 'template'), parent, { recursive: true });
  return join(parent, 'store');
}

const attemptsMax = 4;

/** System calls are not counted quite alike in every run: they are counted anew, and it is tried again. */
export async function checkPoint({ stage, call: planned, harm }: Point): Promise<Went> {
  let call = planned;
  for (let attempt = 1; ; attempt++) {
    const went = await inCopy(stage, async (directory) => {
      const outcome = await runTraced(directory, stage.scenario.command, { call, harm });
      if (!wasMet(outcome, call, harm)) return undefined;
      return checkMet(directory, { stage, call, harm }, outcome);
    });
    if (went !== undefined) return went;
    if (attempt === attemptsMax) return 'missed';
    const { calls } = await inCopy(stage, (directory) =>
      runTraced(directory, stage.scenario.command),
    );
    call = sameIn(calls, { stage, call: planned }) ?? planned;
  }
}

async function inCopy<T>(stage: Stage, action: (directory: string) => Promise<T>): Promise<T> {
  const directory = copyOf(stage, `copy-${copies++}`);
  try {
    return await action(directory);
  } finally {
    removeDirectory(join(directory, '..'));
  }
}

/** The call as it was counted in another run. */
function sameIn(calls: Call[], { stage, call }: Pick<Point, 'stage' | 'call'>): Call | undefined {
  const isSame = ({ name, role }: Call) => name === call.name && role === call.role;
  return calls.filter(isSame)[stage.calls.filter(isSame).indexOf(call)];
}

async function checkMet(
  directory: string,
  { stage, call, harm }: Omit<Point, 'name'>,
  outcome: Traced,
): Promise<Went> {
  const told = toldBy(stage.scenario, outcome);
  if (stage.contents !== undefined) {
    return checkMetKeeping(directory, { stage, call, harm }, outcome, stage.contents);
  }
  if (harm.kind === 'lie') {
    const isPublication = call.role.endsWith('.end');
    // Whatever else it says, after a lie it cannot know.
    const tolds = [...stage.before, { ...told, mayHaveMore: true }];
    const went = await checkAfterLie(directory, tolds, isPublication);
    return outcome.code === 0 ? went : 'reported';
  }
  checkAnswers(outcome, { stage, call, harm });
  await checkAfterHarm(directory, [...stage.before, told]);
  return harm.kind === 'kill' || outcome.code === 0 ? 'right' : 'reported';
}

async function checkMetKeeping(
  directory: string,
  { stage, call, harm }: Omit<Point, 'name'>,
  outcome: Traced,
  contents: Contents,
): Promise<Went> {
  const { keeps } = stage.scenario;
  if (keeps === undefined) throw new RangeError('nothing is kept');
  if (harm.kind === 'lie') {
    const went = await checkKeptAfterLie(directory, contents);
    return outcome.code === 0 ? went : 'reported';
  }
  checkAnswers(outcome, { stage, call, harm });
  const { acknowledged, mayHaveMore } = toldBy(stage.scenario, outcome);
  const mayBeThere = mayHaveMore || (keeps.failsBehind && outcome.code !== 0);
  await checkKept(directory, contents, { isAcknowledged: acknowledged > 0, mayBeThere }, keeps);
  return harm.kind === 'kill' || outcome.code === 0 ? 'right' : 'reported';
}

function wasMet({ calls, signal }: Traced, { name, role }: Call, harm: Harm): boolean {
  if (harm.kind !== 'kill') {
    return calls.some((call) => call.wasInjected && call.name === name && call.role === role);
  }
  const last = calls.at(-1);
  return signal === 'SIGKILL' && last?.name === name && last.role === role;
}

function toldBy({ groups, countAnswers }: Scenario, outcome: Traced): Told {
  const codes = errorsOf(outcome).map(({ code }) => code);
  return {
    who: 'the command',
    groups,
    acknowledged: countAnswers(outcome),
    mayHaveMore: outcome.signal !== null || codes.includes('ERR_TIMEKV_OUTCOME_UNKNOWN'),
  };
}

interface ToldError {
  code: string;
  message: string;
}

/** With --json each error is an object on a line of its own. */
function errorsOf({ stdout, stderr }: Traced): ToldError[] {
  return `${stdout}\n${stderr}`
    .split('\n')
    .filter((line) => line.startsWith('{"error"'))
    .map((line) => (JSON.parse(line) as { error: ToldError }).error);
}

/** A failed call is told as what it is, in one line; only what may wait for another time is not told. */
function checkAnswers(outcome: Traced, { stage, call, harm }: Omit<Point, 'name'>): void {
  if (harm.kind !== 'fail') return;
  const errors = errorsOf(outcome);
  const isHonest = errors.every(
    ({ code, message }) =>
      code in errorCodes && codesAt(call).includes(code) && /^[^\n]{20,400}$/.test(message),
  );
  const isTold = outcome.code === 1 && errors.length > 0;
  const canWait = stage.scenario.canWait(call, harm.code) || isSyncOfSqlite(stage, call);
  const isSilent = outcome.code === 0 && errors.length === 0 && canWait;
  if (isHonest && (isTold || isSilent)) return;
  const { code, signal, stdout, stderr } = outcome;
  throw new Error(`a poor answer: ${JSON.stringify({ code, signal, stdout, stderr })}`);
}

function codesAt({ name }: Call): string[] {
  const codes = ['ERR_TIMEKV_IO', 'ERR_TIMEKV_OUTCOME_UNKNOWN'];
  // What cannot be opened for writing SQLite opens for reading.
  return name === 'openat' ? [...codes, 'ERR_TIMEKV_READ_ONLY'] : codes;
}

/** SQLite itself does not ask whether its sync of the directory succeeded. */
function isSyncOfSqlite({ calls }: Stage, call: Call): boolean {
  const before = calls[calls.indexOf(call) - 1];
  const isBehindJournal = before?.name === 'fsync' && before.role.endsWith('-journal');
  return isBehindJournal && call.name === 'fsync' && call.role === dirname(before.role);
}
