/** Opens what a crash has left, as users would, and holds everything that is read against the oracle. */
import { TimekvError } from '../../../src/base/errors.js';
import { losesAll } from './crashes.js';
import type { Random } from '../../support/random.js';
import type { SimulatedStore, SimulatedSystem } from '../../support/simulated-system.js';
import { checkCopies, doAgain } from './copies-check.js';
import { contradiction, keys, labelOf, labelsOf, readAll } from './labels.js';
import { Recording } from './recording.js';
import { keptFault } from './kept-check.js';
import type { StoreOracle } from './store-oracle.js';

export interface Recovery {
  /** All that was done since the last crash, for crashes in the middle of it. */
  recording: Recording;
  /** So many of its operations were done until the store was open to a writer. */
  operations: number;
}

/**
 * Recovers, reads, writes, reads that, and dies; now and then somebody looks once more.
 * @param system after the crash; its processes have died
 * @param depth how many crashes there have been
 * @param oracle what must be true; told of what is seen here
 * @throws an error that says what is wrong
 */
export async function recover(
  system: SimulatedSystem,
  oracle: StoreOracle,
  { random, depth }: { random: Random; depth: number },
): Promise<Recovery> {
  let recording = new Recording(system, oracle);
  const tell = (what: (oracle: StoreOracle) => void) => {
    what(oracle);
    recording.note(what);
  };
  const look = async (options: { readOnly: boolean }) => {
    const opened = await openIfThere(system, options);
    const found = opened === undefined ? new Map() : readAll(opened.store);
    const labels = labelsOf(found);
    const last = opened?.engine.lastSeq() ?? 0;
    const rows = opened?.engine.snapshots() ?? [];
    const who = options.readOnly ? 'to a reader: ' : '';
    const fault = oracle.faultIn(labels, last) ?? oracle.kept.faultIn(rows, last);
    if (fault !== undefined) throw new Error(who + fault);
    tell((each) => {
      each.sawAll(labels, rows);
    });
    const { limits } = oracle;
    const falsehood =
      (opened && random.next() < 0.25
        ? contradiction(opened.store, found, { random, limits })
        : undefined) ??
      (opened && random.next() < 0.25 ? await keptFault(system, opened, oracle) : undefined);
    if (falsehood !== undefined) throw new Error(who + falsehood);
    return opened;
  };
  // What was seen stays, also if the power is cut right then.
  const cutPower = () => {
    system.losePower(losesAll);
    oracle.powerWasLost();
    recording = new Recording(system, oracle);
  };
  // A reader that may not write sees nothing that a writer takes back after it.
  if (random.next() < 0.2) {
    (await look({ readOnly: true }))?.fileSystem.kill();
    if (random.next() < 0.3) cutPower();
  }
  let writer = await look({ readOnly: false });
  if (random.next() < 0.15) {
    writer?.fileSystem.kill();
    cutPower();
    writer = await look({ readOnly: false });
  }
  if (writer === undefined) throw new Error('a writer needs no store to open');
  if (random.next() < 0.5) {
    await checkCopies(system, oracle, tell);
    if (random.next() < 0.1) await doAgain(system, writer, oracle, { random, tell });
  }
  const operations = recording.operations.length;
  const next = { key: keys[0], value: 'next', timestamp: 2_000_000 + depth };
  const labels = [labelOf({ ...next, state: 'value' })];
  tell((each) => {
    each.submitted(labels);
  });
  await writer.store.set(next.key, next.value, next.timestamp);
  tell((each) => {
    each.acknowledged(labels);
  });
  const written = writer.store.get(next.key, next.timestamp);
  if (written !== next.value) throw new Error(`what was written then reads ${written}`);
  if (random.next() < 0.1) await writer.store.close();
  else writer.fileSystem.kill();
  if (random.next() < 0.2) (await look({ readOnly: false }))?.fileSystem.kill();
  return { recording, operations };
}

/** @returns undefined to a reader where there is no store */
async function openIfThere(
  system: SimulatedSystem,
  options: { readOnly: boolean },
): Promise<SimulatedStore | undefined> {
  try {
    return await system.open(options);
  } catch (error) {
    const isMissing = error instanceof TimekvError && error.code === 'ERR_TIMEKV_NO_STORE';
    if (isMissing && options.readOnly) return undefined;
    throw error;
  }
}
