/** How long reads share one look at what others have committed, as `open` was told. */
import { expect, test, vi } from 'vitest';
import { nextTurn } from '../../src/base/clock.js';
import { openWith } from '../../src/open.js';
import { countingFileSystem } from '../support/counting-file-system.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

test.each([
  [{ looks: 'run' }, [1, 1]],
  [{ looks: 'turn' }, [1, 0]],
  [{}, [1, 1]],
] as const)('with %j', async (options, expected) => {
  const directory = temporaryDirectory();
  const fileSystem = countingFileSystem(directory);
  const store = await openWith(directory, options, { fileSystem });
  await store.set('a', '1');
  const looksOf = (): number => {
    const before = fileSystem.operations.length;
    for (let read = 0; read < 5; read++) store.get('a');
    return fileSystem.operations.length - before;
  };
  looksOf(); // Reads the log, once.
  await nextTurn();
  // Less than a millisecond, however slow this machine is.
  const hrtime = vi.spyOn(process, 'hrtime').mockReturnValue([1, 0]);
  const first = looksOf();
  await Promise.resolve();
  expect([first, looksOf()]).toEqual(expected);
  await nextTurn();
  expect(looksOf()).toBe(1);
  hrtime.mockRestore();
  await store.close();
});
