/** The REPL as a person sees it: typed on in a window of tmux, and compared with what is shown. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { say } from '../../support/say.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { environmentFor, run, runPath } from '../support/timekv.js';
import { hasTmux, Window } from '../support/tmux.js';

if (!hasTmux) say('skipped: nobody types in the REPL, since there is no tmux');

const home = temporaryDirectory();
const directory = join(home, 'store');
const prompt = 'timekv> ';
/** Part of every system: named so that no tool looks for it in this package. */
const fifoMaker = 'mkfifo';

beforeAll(async () => {
  const lines = [
    'set user:anna 1 2026-01-01',
    'set user:anna 2 2026-02-01',
    'set user:bob 3 2026-02-01',
    'set "two words" 4 2026-02-01',
    ...Array.from({ length: 40 }, (_, number) => `set many/${number} x 2026-02-01`),
  ];
  await run(directory, ['batch'], { input: lines.join('\n') });
});

async function session(
  more: Record<string, string> = {},
  size: { columns?: number; rows?: number } = {},
): Promise<Window> {
  const environment = { ...environmentFor(directory, { XDG_STATE_HOME: home, ...more }) };
  const window = new Window(`'${process.execPath}' '${runPath}' repl; echo "exit $?"`, {
    environment,
    ...size,
  });
  try {
    await window.until(prompt);
  } catch (error) {
    window[Symbol.dispose]();
    throw error;
  }
  return window;
}

/** What is shown below the greeting. */
function below(shown: string): string {
  return shown.slice(shown.indexOf('\n') + 1);
}

/** What is shown, with where each colour begins. */
function begunColours(window: Window): string {
  // eslint-disable-next-line no-control-regex -- these are control sequences
  return window.showColours().replace(/\u001b\[(0|39|49)m/g, '');
}

describe.runIf(hasTmux)('the REPL', () => {
  it('completes, and lists what there is at the second Tab', async () => {
    using window = await session();
    window.type('get us');
    window.press('Tab');
    await window.until(/get user: \[TIME\]$/);
    window.press('Tab');
    const shown = await window.until(/user:anna +user:bob\n.*\[TIME\]$/);
    expect(below(shown)).toBe(`${prompt}get user:\nuser:anna  user:bob\n${prompt}get user: [TIME]`);
    window.type('a');
    window.press('Tab');
    window.type('2026-02');
    window.press('Tab', 'Enter');
    await window.until(/get user:anna 2026-02-01\n2\n/);
    window.type('get two');
    window.press('Tab', 'Enter');
    expect(await window.until(/\n4\n/)).toContain(`${prompt}get "two words"\n4\n`);
  });

  it('shows what is to be typed, and what a time comes to, in other colours', async () => {
    using window = await session();
    window.type('get');
    await window.until(/get KEY \[TIME\]$/);
    window.type(' "a b" 2026-03-01T12:00Z');
    await window.until(/→ 2026-03-01 12:00:00$/);
    expect(begunColours(window).split('\n').at(-1)).toBe(
      `${prompt}\u001b[1mget \u001b[32m"a b" \u001b[35m2026-03-01T12:00Z\u001b[2m → 2026-03-01 12:00:00`,
    );
    window.press('C-c');
    window.type('scan --at=@0 --limi');
    await window.until(/--limi$/);
    expect(begunColours(window)).toContain('\u001b[36m--at=@0 \u001b[31m--limi');
    window.type('t');
    await window.until(/--limit N$/);
    window.press('C-c');
    window.type('gte');
    await window.until(/gte$/);
    expect(window.showColours()).toContain('\u001b[31mgte');
    // The hint is no part of the line.
    window.press('C-c');
    window.type('get user:bob');
    window.press('Enter');
    expect(await window.until(/\n3\n/)).toContain(`${prompt}get user:bob\n3\n`);
  });

  it('Ctrl-C clears the line, and twice leaves; Ctrl-D too', async () => {
    using window = await session();
    window.type('half a line');
    window.press('C-c');
    await window.until(`half a line^C\n${prompt}`);
    window.type('get "open');
    window.press('Enter');
    await window.until('...>');
    window.press('C-c');
    await window.until(/\.\.\.> \^C\ntimekv>$/);
    window.press('C-c');
    await window.until('Ctrl-C again, or Ctrl-D, to leave');
    window.type('get user:bob');
    window.press('Enter');
    await window.until(/\n3\n/);
    window.press('C-c', 'C-c');
    expect(await window.until('exit ')).toContain('exit 0');
  });

  it('Ctrl-C ends the command that runs, and the session goes on', async () => {
    const fifo = join(home, 'fifo');
    execFileSync(fifoMaker, [fifo]);
    const writer = openSync(fifo, 'r+');
    using window = await session();
    window.paste(`import ${fifo}\nget user:anna`);
    window.press('Enter');
    await window.until('get user:anna\n');
    window.press('C-c');
    await window.until('interrupted');
    // What was sent off with it is not run either.
    window.type('get user:bob');
    window.press('Enter');
    const shown = await window.until(/\n3\n/);
    expect(shown).not.toMatch(/\n2\n/);
    closeSync(writer);
  });

  it('is pinned by .asof, until .asof now', async () => {
    using window = await session();
    for (const [line, awaited] of [
      ['.asof 2026-01-15', 'timekv @2026-01-15> '],
      ['get user:anna', '\n1\n'],
      ['keys --count', '> keys --count\n1\n'],
      ['get user:anna -20d', 'has no value as of -20d'],
      ['set user:anna 9', 'reads as of 2026-01-15, and writes nothing; .asof now'],
      ['.asof 2026-01-15 12:30', '@2026-01-15 12:30:00> '],
      ['.asof soon', 'is no time'],
      ['.asof now', `12:30:00> .asof now\n${prompt}`],
      ['get user:anna', '\n2\n'],
    ] as const) {
      window.type(line);
      window.press('Enter');
      await window.until(awaited);
    }
    expect(window.show()).not.toContain('unexpected');
  }, 30_000);

  it('runs what is pasted only at Enter, line by line', async () => {
    using window = await session();
    window.paste('get user:anna\nget user:bob\n');
    await window.until('...> get user:bob');
    expect(below(window.show())).toBe(`${prompt}get user:anna\n   ...> get user:bob`);
    window.press('Up', 'C-e', 'BSpace', 'BSpace', 'BSpace', 'BSpace');
    window.type('bob');
    window.press('Enter');
    const shown = await window.until(/\n3\n3\n/);
    expect(below(shown)).toBe(`${prompt}get user:bob\n   ...> get user:bob\n3\n3\ntimekv>`);
  });

  it('draws a long line anew in a terminal of another width', async () => {
    using window = await session({}, { columns: 40 });
    const value = '世界😀'.repeat(8);
    window.type(`set wide "${value}`);
    await window.until('😀世界😀');
    const typed = (rows: string): string => rows.replace(/\[TIME\]|\s/g, '');
    for (const columns of [23, 60, 31]) {
      window.resize(columns, 12);
      window.type('x');
      window.press('BSpace');
      await window.until((shown) => {
        const [, ...rows] = shown.split(prompt);
        return rows.length === 1 && typed(rows[0]!) === `setwide"${value}`;
      });
    }
    window.type('"');
    window.press('Enter');
    window.type('get wide');
    window.press('Enter');
    const shown = await window.until(/get wide\n.*😀/);
    expect(shown.replace(/\s/g, '')).toContain(`getwide${value}`);
  });

  it('recalls lines, also by Ctrl-R, and keeps those for itself that begin with a blank', async () => {
    using window = await session({ XDG_STATE_HOME: join(home, 'recalled') });
    for (const line of ['get user:anna', ' get secret', 'get user:bob']) {
      window.type(line);
      window.press('Enter');
    }
    await window.until(/\n3\n/);
    window.press('C-r');
    window.type('ann');
    await window.until("(reverse-i-search)`ann': get user:anna");
    window.press('C-e');
    await window.until(/timekv> get user:anna \[TIME\]$/);
    window.press('Enter');
    await window.until(/\n2\ntimekv>$/);
    window.press('Up', 'Up');
    await window.until(/get user:bob \[TIME\]$/);
    window.press('C-c', 'C-d');
    await window.until('exit 0');
    const file = join(home, 'recalled/timekv/repl-history');
    expect(readFileSync(file, 'utf8')).toBe('get user:anna\nget user:bob\nget user:anna\n');
  });

  it('sees what other processes write', async () => {
    using window = await session();
    await run(directory, ['set', 'elsewhere', 'written']);
    window.type('get elsewhere');
    window.press('Enter');
    expect(await window.until(/\nwritten\n/)).toContain('get elsewhere\n');
  });

  it('shows long answers in a pager, and goes on when it is left', async () => {
    using window = await session({ TIMEKV_PAGER: 'less -X' });
    window.type('keys many/');
    window.press('Enter');
    await window.until(/\n:$/);
    window.press('C-c');
    // What is typed right behind an interrupt less may throw away.
    await sleep(200);
    window.press('q');
    await window.until(/timekv>$/);
    window.type('get user:bob');
    window.press('Enter');
    const shown = await window.until(/\n3\n/);
    expect(shown).not.toContain('many/9');
  });

  it('with NO_COLOR has no colours, and its hints are faint', async () => {
    using window = await session({ NO_COLOR: '1' });
    window.type('get "a b" @0');
    await window.until(/→ 1970-01-01$/);
    expect(below(begunColours(window))).toBe(`${prompt}get "a b" @0\u001b[2m → 1970-01-01`);
  });

  it('on a dumb terminal only asks and answers', async () => {
    using window = await session({ TERM: 'dumb' });
    window.type('get us\t');
    window.press('C-c');
    await window.until(/\ntimekv>$/);
    window.type('get user:bob');
    window.press('Enter');
    await window.until(/get user:bob\n3\n/);
    window.type('get "two');
    window.press('Enter');
    await window.until('   ...>');
    window.press('C-d');
    const shown = await window.until('exit 0');
    expect(shown).not.toMatch(/\[TIME\]|→/);
    expect(window.showColours()).toBe(shown);
  });
});
