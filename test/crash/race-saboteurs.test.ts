/**
 * RACE: a process that loses its locks without a word, since a thread of it opens and closes the
 * store's SQLite files, with `fs` or with a second copy of SQLite. That two write at once then is to be
 * noticed: no acknowledged write may be gone without anybody being told, and no answer wrong.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TimekvError } from '../../src/index.js';
import { start } from '../support/child.js';
import { amount, harnessSeed, replayLine, report } from '../support/harness.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const seconds = amount(5, 200);
const innocents = 3;

interface Told {
  acknowledged: [value: string, seq: number][];
  /** Values of writes that failed in a way that leaves open whether they are there. */
  unknown: string[];
  /** How often each code was told. */
  errors: Record<string, number>;
  /** Answers that were wrong. */
  wrong: string[];
  /** How often the saboteur opened and closed a file. */
  touched: number;
}

/** What of a writer's acknowledged writes is not there, or not as acknowledged. */
async function lostIn(directory: string, name: string, told: Told): Promise<string[]> {
  const store = await openAs<string>(directory);
  try {
    const sides = ['left', 'right'].map((side) => [...store.history(`${name}/${side}`)]);
    const [left = [], right = []] = sides;
    const values = (versions: typeof left) => versions.map(({ value }) => value);
    if (JSON.stringify(values(left)) !== JSON.stringify(values(right))) return ['half a batch'];
    const seqs = new Map(left.map(({ value, seq }) => [value, seq]));
    const lost = told.acknowledged.filter(([value, seq]) => seqs.get(value) !== seq);
    const known = new Set([...told.unknown, ...told.acknowledged.map(([value]) => value)]);
    const foreign = left.filter(({ value }) => !known.has(value ?? ''));
    return [...lost, ...foreign].map((each) => JSON.stringify(each).slice(0, 100));
  } finally {
    await store.close();
  }
}

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
  const all = names.map(
    (name) => JSON.parse(readFileSync(join(place, `${name}.json`), 'utf8')) as Told,
  );
  let damaged = 0;
  for (const [index, told] of all.entries()) {
    try {
      const lost = await lostIn(directory, names[index] ?? '', told);
      const faults = [...lost, ...told.wrong];
      if (faults.length > 0) faults.push(replayLine('race-saboteurs'));
      expect(faults).toEqual([]);
    } catch (error) {
      // Told with file and offset: that is what is asked for where it could not be prevented.
      if (!(error instanceof TimekvError) || error.code !== 'ERR_TIMEKV_DAMAGED') throw error;
      damaged++;
    }
  }
  const sum = (count: (told: Told) => number) =>
    all.reduce((total, told) => total + count(told), 0);
  const codes = [...new Set(all.flatMap(({ errors }) => Object.keys(errors)))].sort();
  const told = codes.map((code) => `${code} ${sum(({ errors }) => errors[code] ?? 0)}`);
  report(
    `RACE, saboteur (${how})`,
    {
      'times the locks were dropped': sum(({ touched }) => touched),
      'batches acknowledged': sum(({ acknowledged }) => acknowledged.length),
      'lost in silence': 0,
      'histories that answer damage': damaged,
      told: told.join(', ') || 'nothing',
    },
    startedAt,
  );
  expect(all[0]?.touched).toBeGreaterThan(20 * seconds);
  for (const { acknowledged } of all) expect(acknowledged.length).toBeGreaterThan(0);
  for (const code of codes) expect(code).toMatch(/^ERR_TIMEKV_/);
});
