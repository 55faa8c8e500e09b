/** What differs on a terminal: a pseudo-terminal is made by `script` of util-linux. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { environmentFor, run, runPath } from './support/timekv.js';

/** Part of every Linux, but not of this package: named so that no tool looks for it here. */
const scriptProgram = 'script';
const hasScript = spawnSync(scriptProgram, ['--version']).status === 0;
const directory = join(temporaryDirectory(), 'store');

beforeAll(async () => {
  const lines = ['set a 1 10', 'set evil "\\x1b[31mred\\x9b\\r\\nline" 10', 'delete gone 5'];
  await run(directory, ['batch'], { input: lines.join('\n') });
});

/** Runs a shell line on a terminal; types each answer when what it waits for has come. */
function onTerminal(
  line: string,
  dialogue: [awaited: string, typed: string][] = [],
  environment: Record<string, string> = {},
): Promise<string> {
  const env = {
    ...environmentFor(directory, { TERM: 'xterm', TIMEKV_PAGER: '', ...environment }),
    NODE: process.execPath,
    RUN: runPath,
    SHELL: '/bin/sh',
  };
  const command = `stty cols 80 rows 24 2>/dev/null; ${line.replaceAll('timekv', '"$NODE" "$RUN"')}; echo "exit $?"`;
  const child = spawn(scriptProgram, ['-qec', command, '/dev/null'], { env });
  const rest = [...dialogue];
  let shown = '';
  let seen = 0;
  return new Promise((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      shown += chunk.toString();
      // Colours come between what belongs together.
      const text = plain(shown);
      while (rest[0] !== undefined) {
        const [awaited, typed] = rest[0];
        const place = text.indexOf(awaited, seen);
        if (place === -1) break;
        seen = place + awaited.length;
        rest.shift();
        child.stdin.write(typed);
      }
    });
    // A dialogue that hangs shows how far it came.
    const overdue = setTimeout(() => child.kill(), 45_000);
    child.on('close', () => {
      clearTimeout(overdue);
      resolve(shown.replaceAll('\r\n', '\n'));
    });
  });
}

/** Without what moves the cursor and sets colours. */
function plain(shown: string): string {
  // eslint-disable-next-line no-control-regex -- these are control sequences
  return shown.replace(/\u001b\[[0-9;?]*[a-zA-Z]/g, '');
}

describe.runIf(hasScript)('on a terminal', () => {
  it('rows are a table, with a header in bold and times for people', async () => {
    const shown = await onTerminal('timekv history a');
    expect(plain(shown)).toMatch(/│ key +│ timestamp │ time +│ state │ seq │ value │/);
    expect(plain(shown)).toContain('1970-01-01 00:00:00Z');
    expect(shown).toContain('\u001b[1m');
    expect(shown).toContain('exit 0');
  });

  it.each(['--no-color', ''])('there is no colour with %s or NO_COLOR', async (option) => {
    const environment: Record<string, string> = option === '' ? { NO_COLOR: '1' } : {};
    const shown = await onTerminal(`timekv history a ${option}`, [], environment);
    expect(shown).toBe(plain(shown));
  });

  it('a value cannot drive it', async () => {
    expect(await onTerminal('timekv get evil')).toBe('\\x1b[31mred\\x9b\\r\nline\nexit 0\n');
    const raw = await onTerminal('timekv get --raw evil; echo');
    expect(raw).toBe('\\x1b[31mred\\x9b\\r\nline\nexit 0\n');
  });

  it('a message cannot drive it', async () => {
    expect(await onTerminal(`timekv get "$(printf '\\033[31m')"`)).not.toContain('\u001b');
  });

  it('an integer in another unit is written, with a note', async () => {
    const shown = await onTerminal('timekv set seconds x 1700000000');
    expect(shown.replaceAll('\n', ' ')).toContain('for seconds since 1970 write @1700000000');
    expect((await run(directory, ['get', 'seconds', '1700000000'])).stdout).toBe('x\n');
    const silent = await run(directory, ['set', 'seconds', 'x', '1700000000']);
    expect(silent.stderr).toBe('');
  });

  it.each([
    ['y', 'exit 0', '\\N\n'],
    ['Yes', 'exit 0', '\\N\n'],
    ['', 'exit 4', 'x\n'],
    ['n', 'exit 4', 'x\n'],
    ['you', 'exit 4', 'x\n'],
  ])('erase asks, and takes %j for an answer', async (answer, end, left) => {
    await run(directory, ['set', 'unloved', 'x', '10']);
    const question = 'Erase the version of "unloved" at 10? [y/N] ';
    const shown = await onTerminal('timekv erase unloved 10', [[question, `${answer}\r`]]);
    expect(plain(shown)).toContain(end);
    expect(shown.includes('nothing was erased')).toBe(end === 'exit 4');
    const got = await run(directory, ['batch'], { input: 'get unloved' });
    expect(got.stdout).toBe(left);
    await run(directory, ['erase', 'unloved', '--all', '--yes']);
  });

  it('erase says what it asks about, and needs no answer with --yes', async () => {
    const lines = ['one', 'two'].map((key) => `set shy/${key} x 10`);
    await run(directory, ['batch'], { input: lines.join('\n') });
    const no: [string, string][] = [['[y/N] ', 'n\r']];
    expect(await onTerminal('timekv erase shy/one --all', no)).toContain(
      'Erase the history of "shy/one"? [y/N]',
    );
    expect(await onTerminal('timekv erase --prefix shy/', no)).toMatch(
      /Erase 2 histories of the keys that begin with "shy\/"\? \[y\/N\]/,
    );
    expect((await onTerminal('timekv erase shy/one 10 </dev/null')).replaceAll('\n', ' ')).toMatch(
      /this cannot be undone: say --yes if it is wanted exit 2/,
    );
    const shown = await onTerminal('timekv erase --prefix shy/ --yes');
    expect(shown).not.toContain('[y/N]');
    expect(shown).toMatch(/erased 2 versions.*exit 0\n$/s);
  });

  it('import without a file says what it waits for', async () => {
    expect(await onTerminal('timekv import')).toMatch(/name a FILE, or send .*\n?.*exit 2/s);
  });
});

describe.runIf(hasScript)('the REPL', () => {
  const state = temporaryDirectory();
  const environment = { XDG_STATE_HOME: state };
  const prompt = 'timekv> ';

  it('answers, survives errors, and leaves at Ctrl-D', async () => {
    const shown = plain(
      await onTerminal(
        'timekv',
        [
          [prompt, 'set city "New York" 50\r'],
          [prompt, 'get city\r'],
          ['New York\r\n', ''],
          [prompt, 'gte city\r'],
          ['did you mean get?', ''],
          [prompt, 'get "two\r'],
          ['...> ', 'lines"\r'],
          ['has no value', ''],
          [prompt, ' get secret\r'],
          ['has no value', ''],
          [prompt, 'get ci\t'],
          ['get city', '\r'],
          ['New York\r\n', ''],
          [prompt, '.format xml\r'],
          ['.format xml: the formats are', ''],
          [prompt, '.format tsv\r'],
          [prompt, 'history city\r'],
          ['city\t50\tvalue', ''],
          [prompt, 'half a line\u0003'],
          [prompt, 'keys --count\r'],
          ['4', ''],
          [prompt, '\u0004'],
        ],
        environment,
      ),
    );
    expect(shown).toMatch(/exit 0\n$/);
    expect(shown).not.toContain('unexpected');
    const file = join(state, 'timekv', 'repl-history');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const remembered = readFileSync(file, 'utf8').split('\n');
    expect(remembered).toContain('set city "New York" 50');
    expect(remembered.join('\n')).not.toContain('secret');
  });

  it('erase asks there too, and the next line is read as ever', async () => {
    const lines = ['set doomed 1 10', 'set doomed 2 20', 'set doomed 3 30'];
    await run(directory, ['batch'], { input: lines.join('\n') });
    const shown = plain(
      await onTerminal(
        'timekv',
        [
          [prompt, 'erase doomed 30\r'],
          ['[y/N] ', 'n\r'],
          ['nothing was erased', ''],
          [prompt, 'get doomed\r'],
          ['\n3\r\n', ''],
          [prompt, 'erase doomed 30\r'],
          ['[y/N] ', 'y\r'],
          ['erased 1 version', ''],
          [prompt, 'get doomed\r'],
          ['\n2\r\n', ''],
          [prompt, '\u0004'],
        ],
        { XDG_STATE_HOME: temporaryDirectory() },
      ),
    );
    expect(shown).toMatch(/exit 0\n$/);
    await run(directory, ['erase', 'doomed', '--all', '--yes']);
  });

  it('prompts nobody where its answers go elsewhere', async () => {
    const file = join(temporaryDirectory(), 'answers');
    const shown = await onTerminal(
      'echo ready; timekv repl > "$ANSWERS"',
      [['ready', 'get a\nkeys x\n\u0004']],
      { ANSWERS: file },
    );
    expect(shown).toContain('exit 0');
    expect(readFileSync(file, 'utf8')).toBe('1\n\\N\n');
  });

  it('times commands that fail too, and knows help', async () => {
    const shown = await onTerminal(
      'timekv',
      [
        [prompt, 'help keys\r'],
        ['EXAMPLES', ''],
        [prompt, '.timing\r'],
        ['timing is on', ''],
        [prompt, 'get nothing\r'],
        [' ms', ''],
        [prompt, '\u0004'],
      ],
      { XDG_STATE_HOME: temporaryDirectory() },
    );
    expect(plain(shown)).toMatch(/has no value as of now\n[\d.]+ ms\n/);
    expect(shown).toMatch(/exit 0\n$/);
  });

  it('remembers a thousand lines from one session to the next', async () => {
    const home = temporaryDirectory();
    const file = join(home, 'timekv', 'repl-history');
    mkdirSync(dirname(file));
    writeFileSync(file, Array.from({ length: 1500 }, (_, n) => `get k${n}\n`).join(''));
    await onTerminal('timekv', [[prompt, '\u0004']], { XDG_STATE_HOME: home });
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    expect(lines).toHaveLength(1000);
    expect([lines[0], lines.at(-1)]).toEqual(['get k500', 'get k1499']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('remembers lines, and leaves at .exit', async () => {
    const shown = await onTerminal(
      'timekv repl',
      [
        [prompt, '\u001b[A\u001b[A\r'],
        ['', '.exit\r'],
      ],
      environment,
    );
    expect(plain(shown)).toContain('history city');
    expect(shown).toMatch(/exit 0\n$/);
  });
});
