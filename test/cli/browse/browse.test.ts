/** `browse`: which versions its window shows, and where it refuses to draw. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { windowAround, type Step } from '../../../src/cli/browse/timeline-window.js';
import { open, type Store } from '../../../src/index.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { fingerprint, run } from '../support/timekv.js';

describe('a window on a timeline', () => {
  let store: Store<Buffer>;

  beforeAll(async () => {
    store = await open(':memory:', { unit: 'tick', codec: 'bytes' });
    for (let at = 1; at <= 9; at++) await store.set('k', Buffer.from(String(at)), at);
    await store.set('lone', Buffer.from('x'), 5);
  });
  afterAll(() => store.close());

  const shown = async (from: number | undefined, step: Step, key = 'k') => {
    const found = await windowAround(store, key, { from, step, reach: { before: 2, behind: 2 } });
    return found?.versions.map(({ timestamp }, index) =>
      index === found.chosen ? `>${timestamp}` : String(timestamp),
    );
  };

  it.each<[number | undefined, Step, string]>([
    [undefined, 'newest', '5 6 7 8 >9'],
    [undefined, 'oldest', '>1 2 3 4 5'],
    [5, 0, '3 4 >5 6 7'],
    [5, -1, '2 3 >4 5 6'],
    [5, 1, '4 5 >6 7 8'],
    [2, -1, '>1 2 3 4 5'],
    [1, -1, '>1 2 3 4 5'],
    [8, 5, '5 6 7 8 >9'],
    [8, -4, '2 3 >4 5 6'],
    [8, 0, '5 6 7 >8 9'],
  ])('from %s by %s shows %s', async (from, step, expected) => {
    expect((await shown(from, step))?.join(' ')).toBe(expected);
  });

  it('shows all of a short history, and nothing where there is none', async () => {
    expect(await shown(undefined, 'newest', 'lone')).toEqual(['>5']);
    expect(await shown(undefined, 'newest', 'none')).toBeUndefined();
  });
});

describe('browse', () => {
  it.each([
    [[], 'browse needs a terminal; elsewhere use keys, history and get'],
    [['--json'], 'browse shows a screen, in no format'],
    [['key'], 'key'],
  ])('%j without a terminal is refused, and changes nothing', async (args, message) => {
    const directory = join(temporaryDirectory(), 'store');
    await run(directory, ['set', 'k', 'v']);
    const before = fingerprint(directory);
    const { code, stdout, stderr } = await run(directory, ['browse', ...args]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(fingerprint(directory)).toEqual(before);
  });

  it('is no command of a batch', async () => {
    const directory = join(temporaryDirectory(), 'store');
    const { code, stderr } = await run(directory, ['batch'], { input: 'browse\n' });
    expect(code).toBe(2);
    expect(stderr).toContain('browse is no command of a batch');
  });
});
