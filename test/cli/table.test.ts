/**
 * The table of the command line: every command with every option, in all five formats, with its exit
 * code, stdout and stderr to the letter. The rows run within this process; some run as processes too,
 * and all are read by oclif's own parser as well.
 */
import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { runHere } from './support/recorded-host.js';
import { fingerprint, run, type Outcome } from './support/timekv.js';
import { differences, readByOclifs, readByOurs } from './table/both-parsers.js';
import { missingFrom } from './table/complete.js';
import { copyOf, directoryOf, filledIn, makePlaces } from './table/places.js';
import { commands, rows } from './table/rows.js';
import { answers, places, wordsOf, type Place, type Row } from './table/row.js';
import { answerOfLine, isLine, quoted } from './table/lines.js';
import { codesOf, isAnswer, messageIn, saidIn } from './table/said.js';

const bare = 'a line without a command';
const names = [...Object.keys(commands), bare];

function nameOf({ words: [first = ''] }: Row): string {
  return first in commands ? first : bare;
}

const byName = new Map(names.map((name) => [name, rows.filter((row) => nameOf(row) === name)]));
const rowsOf = (name: string): readonly Row[] => byName.get(name) ?? [];

/** What is in each place, as it was made. */
const untouched = new Map<Place, string>();

beforeAll(async () => {
  await makePlaces();
  for (const place of places) untouched.set(place, stateOf(place));
});

type Runner = (directory: string, words: readonly string[], row: Row) => Promise<Outcome>;

/** Runs a row; what is wrong with it, if anything is. */
async function faultOf(row: Row, runner: Runner = runHere): Promise<unknown> {
  const { after, place } = row;
  const directory = after === undefined ? directoryOf(place) : copyOf(place);
  const fill = (text: string): string => filledIn(text, directory);
  const got = saidIn(await runner(directory, row.words.map(fill), row));
  const want = { code: row.code, stdout: fill(row.stdout), stderr: fill(row.stderr) };
  if (!isAnswer(got, want)) return { line: row.words, got, want };
  if (after === undefined) {
    return stateOf(place) === untouched.get(place)
      ? undefined
      : { line: row.words, changed: place };
  }
  for (const [line, stdout] of after) {
    const then = saidIn(await runHere(directory, wordsOf(line).map(fill)));
    const wanted = { code: 0, stdout, stderr: '' };
    if (!isAnswer(then, wanted)) return { line: row.words, after: line, got: then, want: wanted };
  }
  return undefined;
}

/** The message of a row that has the same with `--json`. */
function jsonMessageOf({ words, stdout, stderr, after }: Row): string | undefined {
  const hasForm = /--(json|format|raw|plot)|^(batch|repl|browse)\b/.test(words.join(' '));
  return hasForm || stdout !== '' || after !== undefined ? undefined : messageIn(stderr);
}

function stateOf(place: Place): string {
  const directory = directoryOf(place);
  return existsSync(directory) ? fingerprint(directory) : 'nothing there';
}

async function faultsOf(some: readonly Row[], look: (row: Row) => Promise<unknown>) {
  const faults: unknown[] = [];
  for (const row of some) {
    const fault = await look(row);
    if (fault !== undefined) faults.push(fault);
  }
  return faults;
}

describe('answers, and changes no byte of the directory unless it is a write', () => {
  it.each(names)('%s', async (name) => {
    expect(await faultsOf(rowsOf(name), (row) => faultOf(row))).toEqual([]);
  });
});

describe('as a process of its own answers the same', () => {
  /** The first row of each command, and the first that ends with each number. */
  const chosen = new Set([
    ...names.map((name) => rowsOf(name)[0]),
    ...new Map([...rows].reverse().map((row) => [row.code, row])).values(),
  ]);
  it.each(names)('%s', async (name) => {
    const some = rowsOf(name).filter((row) => chosen.has(row));
    expect(some.length).toBeGreaterThan(0);
    expect(await faultsOf(some, (row) => faultOf(row, run))).toEqual([]);
  });
});

describe('is read by oclif to the same arguments and options', () => {
  const seen = new Set<string>();

  it.each(Object.keys(commands))('%s', async (name) => {
    const faults = await faultsOf(rowsOf(name), async ({ words, oclif }) => {
      const ours = await readByOurs(words);
      const theirs = await readByOclifs(words);
      if (isDeepStrictEqual(ours, theirs)) return undefined;
      if (oclif === undefined) return { words, ours, theirs };
      seen.add(oclif);
      return undefined;
    });
    expect(faults).toEqual([]);
  });

  it('but for what is otherwise on purpose', () => {
    expect([...seen].toSorted()).toEqual(Object.keys(differences).toSorted());
  });
});

describe('tells the same in JSON, with a code that fits the number', () => {
  const told = new Set<string>();

  it.each(Object.keys(commands))('%s', async (name) => {
    for (const row of rowsOf(name)) {
      const message = jsonMessageOf(row);
      if (message === undefined || told.has(message)) continue;
      told.add(message);
      const directory = directoryOf(row.place);
      const fill = (text: string): string => filledIn(text, directory);
      const [first = '', ...rest] = row.words.map(fill);
      const got = await runHere(directory, [first, '--json', ...rest], row);
      expect(got).toMatchObject({ code: row.code, stdout: '' });
      const { error } = JSON.parse(got.stderr) as { error: { code: string; message: string } };
      expect({ ...error, isOneLine: /^.*\n$/.test(got.stderr) }).toMatchObject({
        message: fill(message),
        isOneLine: true,
      });
      expect(codesOf[row.code]).toContain(error.code);
    }
  });
});

describe('as a line of a batch is answered the same, through its own shortcuts', () => {
  it.each(['get', 'keys', 'scan', 'history', 'diff'])('%s', async (name) => {
    const lines = rowsOf(name).filter(isLine);
    expect(lines.length).toBeGreaterThan(9);
    // Each for itself: what stands behind another line does not take every shortcut.
    const faults = await faultsOf(lines, async (row) => {
      const directory = directoryOf(row.place);
      const input = filledIn(quoted(row.words), directory);
      const said = saidIn(await runHere(directory, ['batch'], { input }));
      const want = { code: 0, stdout: answerOfLine(row), stderr: '' };
      return isAnswer(said, want) ? undefined : { line: row.words, said, want };
    });
    expect(faults).toEqual([]);
  });
});

it('has every option, argument and choice of every command, and a line for each refusal', async () => {
  expect(await missingFrom(commands, rows)).toEqual({ missing: [], unexpected: [] });
});

it('would miss an option, a choice, an argument and a format without a row', async () => {
  const { keys, browse } = commands;
  const planted = {
    keys: {
      flags: {
        ...keys?.flags,
        fancy: { type: 'boolean' },
        style: { type: 'option', helpValue: 'old|new' },
      },
      args: { ...keys?.args, suffix: {} },
    },
    browse: { flags: browse?.flags ?? {}, args: {} },
  } as const;
  const some = rowsOf('keys').filter(({ words }) => !words.includes('csv'));
  expect(await missingFrom(planted, [...some, answers('browse --json', '')])).toMatchObject({
    missing: expect.arrayContaining([
      'keys --format csv',
      'keys --fancy',
      'keys --style old',
      'keys --style new',
      'keys suffix',
      'browse --dir',
    ]) as string[],
    unexpected: ['browse --json', 'browse --json true'],
  });
});
