/** Snapshots, and stores that were restored, are there after a power cut with all that is in them. */
import { expect, test } from 'vitest';
import { losesAll } from '../crash/support/crashes.js';
import { restoreIn } from '../crash/support/restoring.js';
import { Killed, SimulatedFileSystem } from '../support/simulated-file-system.js';
import { SimulatedSystem } from '../support/simulated-system.js';

test.each(['full', 'process'] as const)(
  'a snapshot of what was written in mode process, by one in mode %s',
  async (durability) => {
    const system = new SimulatedSystem();
    const careless = await system.open({ durability: 'process' });
    await careless.store.set('a', 'v', 1);
    const other = await system.open({ durability });
    await other.store.snapshot('s');
    for (const { fileSystem } of [careless, other]) fileSystem.kill();
    system.losePower(losesAll);

    const { store } = await system.open();
    expect(await store.snapshots()).toMatchObject([{ name: 's', seq: 1 }]);
    expect(store.get('a', 1)).toBe('v');
    await store.set('a', 'later', 0);
    const then = await store.atSnapshot('s');
    expect([...then.versions()]).toMatchObject([{ timestamp: 1, value: 'v' }]);
  },
);

test('a store of which the restorer died right behind the commit, and that was written to', async () => {
  const system = new SimulatedSystem();
  const source = await system.open();
  await source.store.set('a', 'v', 1);
  await source.store.backup(`${source.fileSystem.root}/backup`);
  const restorer = new SimulatedFileSystem(system.disk);
  let isCommitted = false;
  restorer.before = (name) => {
    if (isCommitted) throw new Killed();
    isCommitted = name === 'commit';
  };
  await expect(restoreIn(system, restorer, 'backup', 'restored')).rejects.toThrow('killed');
  const writer = await system.openIn(new SimulatedFileSystem(system.disk), 'restored');
  await writer.store.set('b', 'w', 2);
  for (const { fileSystem } of [source, writer]) fileSystem.kill();
  restorer.kill();
  system.losePower(losesAll);

  const { store } = await system.openIn(new SimulatedFileSystem(system.disk), 'restored');
  expect([store.get('a', 1), store.get('b', 2)]).toEqual(['v', 'w']);
});
