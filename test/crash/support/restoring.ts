import { restoreWith } from '../../../src/restore.js';
import type { SimulatedFileSystem } from '../../support/simulated-file-system.js';
import type { SimulatedSystem } from '../../support/simulated-system.js';

/** Makes a store of a backup, both beside the store of the computer. */
export async function restoreIn(
  system: SimulatedSystem,
  fileSystem: SimulatedFileSystem,
  from: string,
  name: string,
): Promise<void> {
  const { root } = fileSystem;
  await restoreWith(`${root}/${from}`, `${root}/${name}`, {}, system.environment(fileSystem));
}
