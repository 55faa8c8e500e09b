/**
 * RACE: a process that loses its locks without a word, since a thread of it opens and closes the
 * store's SQLite files, with `fs` or with a second copy of SQLite. That two write at once then is to be
 * noticed: no acknowledged write may be gone without anybody being told, and no answer wrong.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { start } from '../support/child.js';
import { amount, harnessSeed, report } from '../support/harness.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { checkLeft, type Told } from './support/beside-check.js';

const seconds = amount(5, 200);
const innocents = 3;

test.each([
  ['fs', 'reads the SQLite files with fs'],
  ['sqlite', 'opens them with a second copy of SQLite'],
])('a saboteur (%s) that %s', async (how) => {
  const startedAt = performance.now();
  const place = temporaryDirectory();
  const directory = join(place, 'store');
  const first = await openAs(directory);
  await first.set('first', 'v');
  await first.close();
  const names = Array.from({ length: innocents + 1 }, (_, index) => `writer ${index}`);
  const children = names.map((name, index) => {
    const to = join(place, `${name}.json`);
    const input = { directory, name, seconds, seed: harnessSeed + index, to };
    return start('beside', index === 0 ? { ...input, how } : input);
  });
  await Promise.all(children.map((child) => child.answer()));
  const all = names.map((name) => {
    const told = JSON.parse(readFileSync(join(place, `${name}.json`), 'utf8')) as Told;
    return { ...told, name };
  });
  // A wrong answer is one, whatever else was told of damage.
  const wrong = all.flatMap(({ wrong: each }) => each);
  expect(wrong).toEqual([]);
  const { faults, damaged, whole, lostAsTold } = await checkLeft(directory, all);
  const histories = 2 * all.length;
  const sum = (count: (told: Told) => number) =>
    all.reduce((total, told) => total + count(told), 0);
  const codes = [...new Set(all.flatMap(({ errors }) => Object.keys(errors)))].sort();
  const told = codes.map((code) => `${code} ${sum(({ errors }) => errors[code] ?? 0)}`);
  report(
    `RACE, saboteur (${how})`,
    {
      'times the locks were dropped': sum(({ touched }) => touched),
      'batches acknowledged': sum(({ acknowledged }) => acknowledged.length),
      'wrong answers': wrong.length,
      'lost in silence': faults.length,
      'histories damaged': `${damaged} of ${histories}`,
      'versions lost, as the damage told': lostAsTold,
      told: told.join(', ') || 'nothing',
    },
    startedAt,
  );
  expect(faults.slice(0, 20)).toEqual([]);
  expect(whole).toBe(histories);
  expect(all[0]?.touched).toBeGreaterThan(20 * seconds);
  // Damage may come before each of them has had its turn, and then stays.
  const written = all.filter(({ acknowledged }) => acknowledged.length > 0).length;
  expect(written).toBeGreaterThanOrEqual(damaged === 0 ? all.length : 1);
  for (const code of codes) expect(code).toMatch(/^ERR_TIMEKV_/);
});
