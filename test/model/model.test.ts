/**
 * Random commands on a store and on the plain model (test/support/model-store.ts): both must give the
 * same answers.
 *
 *   TIMEKV_RUNS=50000 npx vitest run test/model      more runs
 *   TIMEKV_SEED=1 npx vitest run test/model          the runs of one seed
 */
import { expect, test } from 'vitest';
import { placeIn } from './place.js';
import { randomHistories } from './random-histories.js';
import { checkProperty } from './replay.js';

test('random histories equal the plain model', { timeout: 900_000 }, async () => {
  let count = 0;
  const property = randomHistories((directory, kind) => {
    count += 1;
    return placeIn(directory, kind);
  });
  const runs = await checkProperty('test/model/model.test.ts', property);
  expect(count).toBe(runs);
});
