/** Long answers on a terminal, in a window of tmux. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { pagerCommand } from '../../../src/cli/display/pager.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { environmentFor, run, runPath } from '../support/timekv.js';
import { hasTmux, Window } from '../support/tmux.js';

const directory = join(temporaryDirectory(), 'store');
const many = Array.from({ length: 300 }, (_, number) => `key${String(number).padStart(4, '0')}`);

beforeAll(async () => {
  const lines = many.map((key) => `set ${key} x 5`);
  await run(directory, ['batch'], { input: lines.join('\n') });
  await run(directory, ['set', 'long', '-'], { input: 'a line\n'.repeat(100_000) });
});

function onTerminal(line: string, more: Record<string, string> = {}): Window {
  const environment = { ...environmentFor(directory, more), NODE: process.execPath, RUN: runPath };
  const command = `timekv() { "$NODE" "$RUN" "$@"; }; ${line}`;
  return new Window(command, { environment, rows: 20 });
}

it.each<[Record<string, string>, string | undefined]>([
  [{ PATH: '/usr/bin:/bin', PAGER: 'more' }, 'more'],
  [{ PAGER: 'more', TIMEKV_PAGER: 'less -S' }, 'less -S'],
  [{ PAGER: 'more', TIMEKV_PAGER: '' }, undefined],
  [{ PAGER: 'cat' }, undefined],
  [{ PAGER: 'more', TERM: 'dumb' }, undefined],
  [{ PATH: '/nowhere' }, undefined],
  [{}, undefined],
])('with %j the pager is %j', (environment, pager) => {
  expect(pagerCommand(environment)).toBe(pager);
});

describe.runIf(hasTmux)('on a terminal', () => {
  it('a long answer is paged, and leaving it early is no error', async () => {
    using window = onTerminal('timekv keys; echo "exit $?"', { PAGER: 'less -X' });
    const shown = await window.until(/\n:$/);
    expect(shown.split('\n')[1]).toBe('│ key     │');
    expect(shown).toContain('key0010');
    expect(shown).not.toContain('key0020');
    window.press('q');
    await window.until('exit 0');
  });

  it('what does not fit into the pipe to the pager is no error either', async () => {
    using window = onTerminal('timekv get long; echo "exit $?"', { PAGER: 'head -n 1' });
    expect(await window.until('exit ')).toBe('a line\nexit 0');
  });

  it('all of it comes to the pager, in colour, and its options too', async () => {
    using window = onTerminal('timekv keys key; echo "exit $?"', { PAGER: 'tr k K | tail -n 3' });
    const shown = await window.until('exit 0');
    expect(shown).toBe('│ Key0298 │\n│ Key0299 │\n└─────────┘\nexit 0');
  });

  it('less is told what git tells it', async () => {
    using window = onTerminal('timekv help get | cat; timekv help get; echo "exit $?"', {
      TIMEKV_PAGER: 'cat >/dev/null; echo "LESS=$LESS"',
    });
    expect(await window.until('exit 0')).toContain('LESS=FRX\n');
  });

  it('a short answer is written as it is, and a pipe has no pager', async () => {
    using window = onTerminal(
      'timekv keys --limit 3; timekv keys key | tail -n 1; echo "exit $?"',
      {
        PAGER: 'echo paged',
      },
    );
    const shown = await window.until('exit 0');
    expect(shown).toContain('key0002');
    expect(shown).toContain('key0299\nexit 0');
    expect(shown).not.toContain('paged');
  });

  it('nothing is lost in silence where the pager cannot be run', async () => {
    using window = onTerminal('timekv keys; echo "exit $?"', { PAGER: 'no-such-pager' });
    expect(await window.until('exit 1')).toMatch(
      /timekv: cannot run the pager "no-such-pager": mend \$TIMEKV_PAGER or \$PAGER/,
    );
  });
});
