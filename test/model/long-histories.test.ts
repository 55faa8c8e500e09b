/** Histories of many blocks and several segments: what the small domains of model.test.ts miss. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LoadRow } from '../../src/options.js';
import { removeDirectory, temporaryDirectory } from '../support/temporary-directory.js';
import { compareHistory, compareKeys, same } from './compare.js';
import { checkProperty } from './replay.js';
import { placeIn } from './place.js';
import { ModelRun } from './run-commands.js';

const lastTime = 400;
const keyNumber = fc.nat({ max: 1 }).chain((few) => fc.nat({ max: few === 0 ? 2 : 150 }));

const row: fc.Arbitrary<LoadRow<string>> = fc
  .tuple(
    keyNumber,
    fc.nat({ max: lastTime }),
    fc.oneof(
      { weight: 20, arbitrary: fc.nat({ max: 300 }) },
      { weight: 1, arbitrary: fc.constantFrom(3000, 9000) },
    ),
    fc.nat({ max: 9 }),
  )
  .map(([key, at, bytes, kind]) => {
    const place = { key: `key/${key}`, at };
    if (kind === 0) return { ...place, state: 'deleted' };
    const value = `${at}:`.padEnd(bytes, 'v');
    return kind === 1 ? { ...place, value, ttl: (bytes % 40) + 1 } : { ...place, value };
  });

const scenario = fc.array(
  fc.record({
    rows: fc.array(row, { minLength: 1, maxLength: 400, size: 'max' }),
    next: fc.constantFrom('nothing', 'snapshot', 'snapshot', 'compact', 'compact full', 'reopen'),
  }),
  { minLength: 1, maxLength: 6, size: 'max' },
);

/** Bounds and limits that begin and end inside, at the edges of, and outside the blocks. */
const bounds = [undefined, 0, 57, 200, 201, 399, 400];

test('long histories equal the plain model', { timeout: 300_000 }, async () => {
  const property = fc.asyncProperty(scenario, async (parts) => {
    const directory = temporaryDirectory();
    const run = await ModelRun.begin(placeIn(directory), 'us');
    try {
      for (const { rows, next } of parts) {
        await run.run({ do: 'load', rows: rows as never });
        if (next !== 'nothing') await run.run({ do: next as 'snapshot' });
      }
      compare(run);
    } finally {
      await run.end();
      removeDirectory(directory);
    }
  });
  expect(
    await checkProperty('test/model/long-histories.test.ts', property, 1 / 50),
  ).toBeGreaterThan(0);
});

function compare({ store, model }: ModelRun): void {
  for (const reverse of [false, true]) {
    for (const at of [0, 100, 399, 400]) {
      compareKeys(store, model, { at, reverse });
      compareKeys(store, model, { at, reverse, prefix: 'key/1', limit: 7 });
      compareKeys(store, model, { at, reverse, start: 'key/12', end: 'key/5' });
    }
    compareKeys(store, model, { all: true, reverse });
    for (const key of ['key/0', 'key/1', 'key/77', 'key/150', 'key/', 'key/2000']) {
      for (const from of bounds) {
        for (const to of bounds) {
          const range = {
            ...(from === undefined ? {} : { from }),
            ...(to === undefined ? {} : { to }),
          };
          compareHistory(store, model, key, { ...range, reverse });
          compareHistory(store, model, key, { ...range, reverse, limit: 3 });
        }
      }
    }
  }
  for (const key of model.keys({ all: true })) {
    for (let at = -1; at <= lastTime + 1; at += key.length > 5 ? 17 : 1) {
      same(`version(${key}, ${at})`, store.version(key, at), model.version(key, at));
    }
  }
}
