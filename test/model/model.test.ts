/**
 * Random commands on a store and on the plain model (test/support/model-store.ts), then every
 * question that can be asked: both must give the same answers.
 *
 *   TIMEKV_RUNS=50000 npx vitest run test/model      more runs
 *   TIMEKV_SEED=1 npx vitest run test/model          the runs of one seed
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { removeDirectory, temporaryDirectory } from '../support/temporary-directory.js';
import { command, historyQuery, keys, keysQuery } from './commands.js';
import {
  compareAll,
  compareCollections,
  compareBackup,
  compareHistory,
  compareKeys,
  compareSnapshots,
} from './compare.js';
import { checkProperty } from './replay.js';
import { placeIn } from './place.js';
import { ModelRun } from './run-commands.js';

const scenario = fc.record({
  unit: fc.constantFrom('us' as const, 'us' as const, 'tick' as const),
  kind: fc.constantFrom('disk', 'disk', 'disk', 'disk', 'disk', 'disk', 'memory'),
  commands: fc.array(command, { minLength: 1, maxLength: 30, size: 'max' }),
  histories: fc.array(fc.tuple(fc.constantFrom(...keys), historyQuery), { maxLength: 12 }),
  scans: fc.array(keysQuery, { maxLength: 12 }),
});

test('random histories equal the plain model', { timeout: 900_000 }, async () => {
  let count = 0;
  const property = fc.asyncProperty(
    scenario,
    async ({ unit, kind, commands, histories, scans }) => {
      const directory = temporaryDirectory();
      const run = await ModelRun.begin(placeIn(directory, kind), unit);
      try {
        for (const one of commands) await run.run(one);
        const { store, model } = run;
        compareAll(store, model, keys);
        compareCollections(store, model, keys);
        await compareSnapshots(store, model, keys);
        await run.backups.check((backup, then) => compareBackup(backup, then, keys));
        for (const [key, query] of histories) compareHistory(store, model, key, query);
        for (const query of scans) compareKeys(store, model, query);
        count += 1;
      } finally {
        await run.end();
        removeDirectory(directory);
      }
    },
  );
  const runs = await checkProperty('test/model/model.test.ts', property);
  expect(count).toBe(runs);
});
