/** Quarantine may be cut short at any step: nothing more is lost, and it can be done again. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemEnvironment, type Environment } from '../../src/engine/environment.js';
import { quarantineDamage } from '../../src/engine/quarantine.js';
import { verifyStore } from '../../src/engine/verify.js';
import { copyInto, flip, largestFile, lastByte } from '../support/damaged-files.js';
import { faultyFileSystem, type Call } from '../support/faulty-file-system.js';
import { systemError } from '../support/simulated-disk.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { fillStore, type FilledStore } from './support/filled-store.js';

const parent = temporaryDirectory();

/** What changes the disk. */
const changing = new Set([
  'create',
  'write',
  'syncData',
  'syncDataAsync',
  'truncate',
  'remove',
  'removeAsync',
]);

function isChange({ name }: Call): boolean {
  return changing.has(name) || name === 'syncDirectory' || name === 'makeDirectory';
}

/** A store whose segment has lost a block, and whose log has lost its last frame. */
function damagedCopy({ directory, liveLog }: FilledStore): string {
  const copy = copyInto(join(parent, 'damaged'), directory, () => undefined, liveLog);
  flip(200)(join(copy, largestFile(copy, 'segments', '.seg')));
  const path = join(copy, liveLog);
  flip(lastByte(path) - 100)(path);
  return copy;
}

/** All versions that are there, in words. */
async function contentOf(directory: string): Promise<string[]> {
  const store = await openAs<string>(directory, { readOnly: true });
  const words = [...store.versions()].map(({ key, timestamp, seq, value }) =>
    [key, timestamp, seq, value].join(' '),
  );
  await store.close();
  return words;
}

test('it fails at each of its steps once, and is done again', async () => {
  const filled = await fillStore(join(parent, 'whole'));
  const attempt = async (directory: string, failing: number) => {
    const fileSystem = faultyFileSystem(directory);
    const system = systemEnvironment();
    // Step 0 is the commit.
    const openCatalog: Environment['openCatalog'] = (...args) => {
      const catalog = system.openCatalog(...args);
      const update = () => {
        throw systemError('EIO');
      };
      return failing === 0 ? Object.assign(catalog, { update }) : catalog;
    };
    const place = {
      environment: { ...system, fileSystem, openCatalog },
      directory,
      busyTimeoutMs: 1000,
    };
    const report = await verifyStore(place);
    if (failing > 0) fileSystem.failNth(failing, isChange, 'EIO');
    const before = fileSystem.calls.length;
    const failed = await quarantineDamage(place, report).then(
      () => false,
      () => true,
    );
    return { failed, steps: fileSystem.calls.slice(before).filter(isChange).length };
  };
  const whole = damagedCopy(filled);
  const { failed, steps } = await attempt(whole, Infinity);
  expect(failed).toBe(false);
  expect(steps).toBeGreaterThan(25);
  const wanted = await contentOf(whole);
  for (let step = 0; step <= steps; step++) {
    const directory = damagedCopy(filled);
    await attempt(directory, step);
    await attempt(directory, Infinity);
    const store = await openAs<string>(directory, { durability: 'process' });
    // A file that could not be removed is swept by whoever does maintenance next.
    await store.snapshot();
    const { damages, leftovers } = await store.verify();
    expect({ step, damages, leftovers }).toEqual({ step, damages: [], leftovers: [] });
    await store.close();
    const content = await contentOf(directory);
    if (content.join() !== wanted.join()) throw new Error(`step ${step}: another content`);
  }
});
