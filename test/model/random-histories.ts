/** Random commands on a store and on the plain model, then every question that can be asked. */
import * as fc from 'fast-check';
import { removeDirectory, temporaryDirectory } from '../support/temporary-directory.js';
import { command, historyQuery, keys, keysQuery } from './commands.js';
import {
  compareAll,
  compareBackup,
  compareCollections,
  compareHistory,
  compareKeys,
  compareSnapshots,
} from './compare.js';
import type { ModelPlace } from './place.js';
import { ModelRun } from './run-commands.js';

export type Kind = 'disk' | 'memory';

/** Mostly on the disk. */
const kinds = fc.constantFrom<Kind>('disk', 'disk', 'disk', 'disk', 'disk', 'disk', 'memory');

const scenario = fc.record({
  unit: fc.constantFrom('us' as const, 'us' as const, 'tick' as const),
  kind: kinds,
  commands: fc.array(command, { minLength: 1, maxLength: 30, size: 'max' }),
  histories: fc.array(fc.tuple(fc.constantFrom(...keys), historyQuery), { maxLength: 12 }),
  scans: fc.array(keysQuery, { maxLength: 12 }),
});

/** A run for each case, which fails where the store answers otherwise than the model. */
export function randomHistories(
  placeIn: (directory: string, kind: Kind) => ModelPlace,
): fc.IAsyncProperty<unknown> {
  return fc.asyncProperty(scenario, async ({ unit, kind, commands, histories, scans }) => {
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
    } finally {
      await run.end();
      removeDirectory(directory);
    }
  });
}
