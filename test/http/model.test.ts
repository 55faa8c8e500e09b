/** Random histories (test/model) whose writes and reads go through HTTP: the same answers as the model's. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store } from '../../src/index.js';
import type { Unit } from '../../src/options.js';
import { placeIn } from '../model/place.js';
import { randomHistories } from '../model/random-histories.js';
import { checkProperty } from '../model/replay.js';
import type { ManualClock } from '../support/manual-clock.js';
import { ServedStores } from './support/served-stores.js';

/** A server for each open store, which takes most of a run. */
const share = 0.1;

let served: ServedStores;

beforeAll(async () => {
  served = await ServedStores.start();
});

afterAll(async () => {
  await served.end();
});

/** The store of a run, with a server before it. */
async function openServed(
  directory: string,
  options: { unit: Unit; clock: ManualClock },
): Promise<Store> {
  return (await served.open<string>(directory, options)) as unknown as Store;
}

test('random histories equal the plain model', { timeout: 900_000 }, async () => {
  let count = 0;
  const property = randomHistories((directory) => {
    count += 1;
    return placeIn(directory, 'disk', openServed);
  });
  const runs = await checkProperty('test/http/model.test.ts', property, share);
  expect(count).toBe(runs);
});
