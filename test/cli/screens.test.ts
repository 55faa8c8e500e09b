/** What is drawn on a terminal, beside the REPL: `browse`, a plot, a table and progress, in windows of tmux. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { say } from '../support/say.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { environmentFor, run, runPath } from './support/timekv.js';
import { hasTmux, Window } from './support/tmux.js';

if (!hasTmux) say('skipped: nobody looks at screens, since there is no tmux');

const directory = join(temporaryDirectory(), 'store');
const timekv = `'${process.execPath}' '${runPath}'`;

beforeAll(async () => {
  await run(directory, ['init', '--unit', 'tick']);
  const lines = [
    ...Array.from({ length: 30 }, (_, at) => `set temp ${(at * 7) % 10} ${at * 10}`),
    'set tempo allegro 5',
    'set "wide 漢字" "漢字漢字" 1',
    'set other x 1',
  ];
  await run(directory, ['batch'], { input: lines.join('\n') });
});

function window(command: string, more: Record<string, string> = {}, size = {}): Window {
  return new Window(`${command}; echo "exit $?"`, {
    environment: environmentFor(directory, more),
    ...size,
  });
}

describe.runIf(hasTmux)('browse', () => {
  it('finds a key as it is typed, steps through its versions, and leaves a clean screen', async () => {
    using screen = window(`${timekv} browse`, {}, { rows: 16 });
    await screen.until('> other');
    screen.type('te');
    expect(await screen.until(/^> temp$/m)).toMatch(/^key: te\n> temp\n {2}tempo\n/);
    screen.press('Down');
    await screen.until(/^> tempo$/m);
    screen.press('Up', 'Enter');
    expect(await screen.until(/^> │ 290 /m)).toMatch(/^temp\n.*\n.*timestamp/);
    screen.press('Left');
    await screen.until(/^> │ 280 /m);
    screen.press('Home');
    expect(await screen.until(/^> │ 0 /m)).toContain('│ 70 ');
    screen.press('Right');
    expect(await screen.until(/^> │ 10 /m)).toMatch(/^7$/m);
    screen.press('Escape');
    await screen.until(/^key: te\n> temp$/m);
    screen.press('Escape');
    expect(await screen.until(/^exit 0$/m)).toBe('exit 0');
  });

  it('gives the terminal back to the session that it was started from', async () => {
    using screen = window(`${timekv} repl`);
    await screen.until('timekv>');
    screen.type('browse');
    screen.press('Enter');
    await screen.until('> other');
    screen.press('Escape');
    await screen.until(/timekv>$/);
    screen.type('get other');
    screen.press('Enter');
    expect(await screen.until(/^x$/m)).toContain('timekv> browse');
    screen.press('C-d');
    await screen.until('exit 0');
  });

  it('draws numbers where there is room for it, and goes on after a resize', async () => {
    using screen = window(`${timekv} browse`, {}, { columns: 60, rows: 30 });
    await screen.until('> other');
    screen.type('temp');
    screen.press('Enter');
    const drawn = await screen.until((shown) => shown.includes('9 ┤') && shown.includes('> │ 290'));
    expect(drawn).toContain('└────');
    screen.resize(50, 30);
    screen.press('Left');
    expect(await screen.until(/^> │ 280 /m)).toContain('Esc: back');
    screen.press('C-c');
    await screen.until(/^exit 130$/m);
  });

  it.each([
    [{ TERM: 'dumb' }, 'TERM is dumb', 2],
    [{ NO_COLOR: '1' }, '> other', 130],
  ])('with %j', async (environment, awaited, code) => {
    using screen = window(`${timekv} browse`, environment);
    await screen.until(awaited);
    expect(screen.showColours()).not.toContain('\u001b[1m');
    if (code === 130) screen.press('C-c');
    await screen.until(`exit ${code}`);
  });
});

describe.runIf(hasTmux)('on a terminal', () => {
  it('a plot is as wide as the window, and plain where the terminal is', async () => {
    using screen = window(`${timekv} history temp --plot`, {}, { columns: 40, rows: 20 });
    const shown = await screen.until('exit 0');
    const [top = '', ...others] = shown.split('\n');
    expect(top).toMatch(/^ {2}9 ┤[\u2800-\u28ff]{24}$/);
    expect(others.slice(9, 12)).toEqual([
      expect.stringMatching(/^ {2}0 ┤[\u2800-\u28ff]{24}$/) as string,
      `    └${'─'.repeat(24)}`,
      '     0                    290',
    ]);
    using dumb = window(`${timekv} history temp --plot`, { TERM: 'dumb' }, { columns: 40 });
    expect(await dumb.until('exit 0')).toMatch(/^ {2}0 \|[* ]+$/m);
  });

  it('a table fits the window, and cells of wide characters stand in line', async () => {
    using screen = window(`${timekv} scan`, {}, { columns: 40 });
    const shown = await screen.until('exit 0');
    expect(shown.split('\n').slice(0, 6)).toEqual([
      '┌───────────┬──────────┐',
      '│ key       │ value    │',
      '│ other     │ x        │',
      '│ temp      │ 3        │',
      '│ tempo     │ allegro  │',
      '│ wide 漢字 │ 漢字漢字 │',
    ]);
  });

  it('an import shows how far it is while it waits for more, and at its end how much it was', async () => {
    const store = join(temporaryDirectory(), 'store');
    const rows = `seq 1 20000 | sed 's/.*/k&,&,v/'`;
    const input = `(echo key,timestamp,value; ${rows}; sleep 0.3; echo k0,0,v; sleep 1; echo k1,0,v)`;
    using screen = window(`${input} | ${timekv} import --dir '${store}'`);
    await screen.until(/^20,00\d rows/m);
    expect(await screen.until('exit 0')).toMatch(/^20,002 rows\nexit 0$/);
  });
});
