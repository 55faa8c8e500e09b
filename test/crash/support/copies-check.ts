/** Holds backups, and what was restored of them, against what must be in them; and does them again. */
import { TimekvError } from '../../../src/base/errors.js';
import type { Random } from '../../support/random.js';
import { SimulatedFileSystem } from '../../support/simulated-file-system.js';
import type { SimulatedStore, SimulatedSystem } from '../../support/simulated-system.js';
import type { CopiesOracle, Content } from './copies-oracle.js';
import { restoreIn } from './restoring.js';
import { contentOf, labelOf } from './labels.js';
import type { StoreOracle } from './store-oracle.js';

type Tell = (what: (oracle: StoreOracle) => void) => void;

/** @throws an error that says what is wrong */
export async function checkCopies(
  system: SimulatedSystem,
  { copies }: StoreOracle,
  tell: Tell,
): Promise<void> {
  for (const name of copies.names) {
    const content = await contentIn(system, name);
    const fault = copies.faultIn(name, content);
    if (fault !== undefined) throw new Error(fault);
    tell((each) => {
      each.copies.holds(name, content);
    });
  }
}

/** Makes one of them once more, whatever is left of it; a store that was restored goes on. */
export async function doAgain(
  system: SimulatedSystem,
  writer: SimulatedStore,
  oracle: StoreOracle,
  { random, tell }: { random: Random; tell: Tell },
): Promise<void> {
  const { copies } = oracle;
  if (copies.names.length === 0) return;
  const name = random.pick(copies.names);
  const isBackup = name.startsWith('backup');
  if (isBackup) await backUpAgain(writer, name, tell);
  else if (copies.contentOf(name) === undefined) await restoreAgain(system, name, copies, tell);
  else await goOnIn(system, name, copies, tell);
  await checkCopies(system, oracle, tell);
}

async function backUpAgain(writer: SimulatedStore, name: string, tell: Tell): Promise<void> {
  // Of what dead processes have left, more may come to light.
  await writer.store.snapshot();
  await whileBegun(name, contentOf(writer), tell, async () => {
    await writer.store.backup(`${writer.fileSystem.root}/${name}`);
  });
}

async function restoreAgain(
  system: SimulatedSystem,
  name: string,
  copies: CopiesOracle,
  tell: Tell,
): Promise<void> {
  const isThere = (each: string) => each.startsWith('backup') && copies.contentOf(each);
  const from = copies.names.find(isThere);
  const content = from && copies.contentOf(from);
  if (from === undefined || content === undefined) return;
  await whileBegun(name, content, tell, async () => {
    await restoreIn(system, new SimulatedFileSystem(system.disk), from, name);
  });
}

/** A store that was restored is one like any other. */
async function goOnIn(
  system: SimulatedSystem,
  name: string,
  copies: CopiesOracle,
  tell: Tell,
): Promise<void> {
  const { seq, versions, ...rest } = JSON.parse(copies.contentOf(name) ?? '') as Told;
  const set = { key: 'a', value: 'again', timestamp: 3_000_000 + seq };
  const written: Told['versions'][0] = [seq + 1, labelOf({ ...set, state: 'value' })];
  const content = { seq: seq + 1, versions: [...versions, written], ...rest };
  await whileBegun(name, JSON.stringify(content), tell, async () => {
    const opened = await system.openIn(new SimulatedFileSystem(system.disk), name);
    await opened.store.set(set.key, set.value, set.timestamp);
    opened.fileSystem.kill();
  });
}

interface Told {
  seq: number;
  versions: [number, string][];
  snapshots: unknown;
}

async function whileBegun(
  name: string,
  content: Content,
  tell: Tell,
  action: () => Promise<void>,
): Promise<void> {
  tell(({ copies }) => {
    copies.begun(name, content);
  });
  await action();
  tell(({ copies }) => {
    copies.holds(name, content);
  });
}

/** @returns undefined where there is no store */
async function contentIn(system: SimulatedSystem, name: string): Promise<Content | undefined> {
  const fileSystem = new SimulatedFileSystem(system.disk);
  try {
    return contentOf(await system.openIn(fileSystem, name, { readOnly: true, create: false }));
  } catch (error) {
    const isMissing = error instanceof TimekvError && error.code === 'ERR_TIMEKV_NO_STORE';
    if (isMissing) return undefined;
    throw error;
  } finally {
    fileSystem.kill();
  }
}
