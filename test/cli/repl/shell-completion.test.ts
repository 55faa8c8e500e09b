/** Completion in real shells, typed in a window of tmux as a person types. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { bashTyped, expandedPath, shellWords } from '../../../src/cli/repl/shell-words.js';
import { say } from '../../support/say.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { environmentFor, run, runPath } from '../support/timekv.js';
import { hasTmux, Window } from '../support/tmux.js';

const home = temporaryDirectory();
const directory = join(home, 'store');
const other = join(home, 'other');

/** How each shell is started, without what the user has set, and what it has to be told first. */
const shells = {
  bash: {
    command: 'bash --norc --noprofile -i',
    setUp: `timekv() { "$NODE" "$RUN" "$@"; }; eval "$(timekv completion bash)"; PS1='$ '`,
  },
  zsh: {
    command: 'zsh -f -i',
    setUp: `timekv() { "$NODE" "$RUN" "$@" }; autoload -U compinit; compinit -u -D; eval "$(timekv completion zsh)"; PS1='$ '`,
  },
  fish: {
    command: 'fish --private',
    setUp: `function timekv; command $NODE $RUN $argv; end; timekv completion fish | source; set -g fish_autosuggestion_enabled 0; function fish_prompt; echo '$ '; end`,
  },
} as const;

/** What is typed before Tab, and what then stands there. */
const completed: [typed: string, completed: string][] = [
  ['hist', 'history '],
  ['get us', 'get user:'],
  ['get "two w', 'get "two words" '],
  ['get it', "get it\\'s\\ \\$5\\ \\* "],
  ['scan --format=js', 'scan --format=json '],
  ['get user:anna 2026', 'get user:anna 2026-02-01 '],
  ['get -d $HOME/other else', 'get -d $HOME/other elsewhere '],
  ['set a --file a-fi', 'set a --file a-file '],
];

function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0;
}

beforeAll(async () => {
  const lines = [
    'set user:anna 1 2026-02-01',
    'set user:bob 1',
    'set "two words" 1',
    'set "it\'s $5 *" 1',
  ];
  await run(directory, ['batch'], { input: lines.join('\n') });
  await run(other, ['set', 'elsewhere', '1']);
  writeFileSync(join(home, 'a-file'), '');
  // Else fish would read all manual pages of the machine at its first start.
  mkdirSync(join(home, '.local/share/fish/generated_completions'), { recursive: true });
});

describe.each(['bash', 'zsh', 'fish'] as const)('in %s', (shell) => {
  const canRun = hasTmux && isInstalled(shell);
  if (!canRun) say(`skipped: nobody presses Tab in ${shell}, since it or tmux is missing`);

  it.runIf(canRun)(
    'commands, options, their values, times, keys and files are completed',
    async () => {
      const { command, setUp } = shells[shell];
      const programs = { NODE: process.execPath, RUN: runPath };
      const environment = environmentFor(directory, { ...programs, HOME: home, LC_ALL: 'C.UTF-8' });
      using window = new Window(command, { environment, columns: 100, rows: 40 });
      await window.until(/[$#%>] ?$/);
      window.type(`cd; ${setUp}; clear; echo rea''dy`);
      window.press('Enter');
      await window.until(/^ready\n\$$/);
      for (const [typed, line] of completed) {
        window.type(`timekv ${typed}`);
        window.press('Tab');
        // The blank behind what is complete is to be seen by what follows it.
        await window.until((shown) => !shown.endsWith(`timekv ${typed}`));
        window.type('#');
        const shown = await window.until(/#$/);
        expect(shown.split('\n').at(-1)).toBe(`$ timekv ${line}#`);
        window.press('C-e', 'C-u');
        await window.until(/\n\$$/);
      }
    },
    30_000,
  );
});

it('a line of bash has words as bash reads them', () => {
  const texts = (line: string) => shellWords(line).map(({ text }) => text);
  expect(texts('timekv get "a b"\\ c \'$x\'')).toEqual(['timekv', 'get', 'a b c', '$x']);
  expect(texts('timekv get ')).toEqual(['timekv', 'get', '']);
  expect(shellWords('get "a \\$\\x').at(-1)).toEqual({
    text: 'a $\\x',
    typed: '"a \\$\\x',
    open: '"',
  });
  expect(bashTyped('ä b$', undefined)).toBe('ä\\ b\\$');
  expect(bashTyped('a"$', '"')).toBe('"a\\"\\$');
  expect(bashTyped("it's", "'")).toBe("'it'\\''s");
});

it('a path may begin with the home directory or a variable', () => {
  const environment = { HOME: '/home/anna', DATA: '/data' };
  expect(expandedPath('~/x', environment)).toBe('/home/anna/x');
  expect(expandedPath('${DATA}/x', environment)).toBe('/data/x');
  expect(expandedPath('$NONE/x', environment)).toBe('$NONE/x');
  expect(expandedPath('a~/x', environment)).toBe('a~/x');
});

it('what has no answer has no candidates, and creates nothing', async () => {
  const nowhere = join(home, 'nowhere');
  for (const words of [['get', 'us'], ['nonsense', 'x'], ['get', '--dir', '', 'us'], []]) {
    const outcome = await run(nowhere, ['completion', 'zsh', '--', ...words]);
    expect([outcome.code, outcome.stderr]).toEqual([0, '']);
    if (words.length > 0) expect(outcome.stdout).toBe('');
  }
  expect((await run(nowhere, ['keys'])).code).toBe(3);
});

it('there is a script for three shells', async () => {
  const outcome = await run(directory, ['completion', 'ksh']);
  expect(outcome.code).toBe(2);
  expect(outcome.stderr).toBe('timekv: "ksh": write bash, zsh, fish\n');
  expect((await run(directory, ['completion', 'bash'])).stdout).toMatch(/^# Completion of timekv/);
});
