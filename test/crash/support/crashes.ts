/** The ways in which a recording can be cut off at an operation, and the disks that they leave. */
import type { Random } from '../../support/random.js';
import {
  type DiskOperation,
  type PowerLoss,
  randomLoss,
  type SimulatedDisk,
} from '../../support/simulated-disk.js';

export interface Crash {
  /** In words, for whoever reads of a failure. */
  name: string;
  isPowerCut: boolean;
  disk: SimulatedDisk;
}

export const keepsAll: PowerLoss = {
  keepsName: () => true,
  keepsBlock: () => true,
  pickSize: (sizes) => sizes.at(-1) ?? 0,
};
export const losesAll: PowerLoss = {
  keepsName: () => false,
  keepsBlock: () => false,
  pickSize: (sizes) => sizes[0] ?? 0,
};
/** The sizes of files got to the disk before their content. */
const zeroFills: PowerLoss = { ...keepsAll, keepsBlock: () => false };

/**
 * @param disk as it is before the operation
 * @param next what the crash comes before, or in the middle of
 * @param subsets how many random losses, each of them with and without a part of what comes next
 */
export function* crashesAt(
  disk: SimulatedDisk,
  next: DiskOperation | undefined,
  random: Random,
  subsets: number,
): Generator<Crash> {
  const torn = tornBy(disk, next, random);
  yield { name: 'kill', isPowerCut: false, disk: disk.clone() };
  if (torn !== undefined) {
    yield { name: `kill, ${torn.name}`, isPowerCut: false, disk: torn.disk.clone() };
  }
  if (disk.unsynced > 0) {
    yield cut(disk, 'power cut, nothing kept', losesAll);
    yield cut(disk, 'power cut, sizes kept', zeroFills);
  }
  yield cut(disk, 'power cut, all kept', keepsAll);
  for (let each = 0; each < subsets; each++) {
    if (disk.unsynced > 0) yield cut(disk, `power cut, subset ${each}`, randomLoss(random));
    if (torn === undefined) continue;
    yield cut(torn.disk, `power cut, subset ${each}, ${torn.name}`, randomLoss(random));
  }
}

function cut(disk: SimulatedDisk, name: string, loss: PowerLoss): Crash {
  const left = disk.clone();
  left.losePower(loss);
  return { name, isPowerCut: true, disk: left };
}

/** The disk with a part of a write on it. */
function tornBy(disk: SimulatedDisk, next: DiskOperation | undefined, random: Random) {
  if (next?.name !== 'write' || next.bytes.length < 2) return undefined;
  // Frames begin with what tells most; what lies behind them is zeros.
  const end = random.next() < 0.7 ? Math.min(next.bytes.length, 300) : next.bytes.length;
  const bytes = random.integer(1, end);
  const torn = disk.clone();
  torn.apply({ ...next, bytes: next.bytes.subarray(0, bytes) });
  return { name: `${bytes} of ${next.bytes.length} bytes written`, disk: torn };
}
