/** What tests of a lost write lock do: appending without the lock, and right before a call of another. */
import type { Appended, Log } from '../../src/engine/log.js';
import { frameBytes, FrameDurability, frameHeaderBytes } from '../../src/wal/format.js';
import type { Tail } from '../../src/wal/wal-file.js';
import { Machine, SimulatedProcess } from './simulated-processes.js';
import { payloadOf } from './wal-files.js';

const { full } = FrameDurability;

/** Two processes on one machine, of which the first has written something that the second may read. */
export async function twoProcesses(): Promise<
  Record<'a' | 'b', SimulatedProcess> & { machine: Machine }
> {
  const machine = new Machine();
  const [a, b] = [SimulatedProcess.open(machine), SimulatedProcess.open(machine)];
  await a.set('first');
  return { machine, a, b };
}

/** Appends one version, without asking for the lock. */
export function append(log: Log, tail: Tail, value: string): Appended {
  const payload = payloadOf(value);
  const buffer = Buffer.alloc(frameBytes(payload.length) + 32 * 1024);
  payload.copy(buffer, frameHeaderBytes);
  const { lastNow } = tail;
  return log.append(tail, {
    buffer,
    payloadBytes: payload.length,
    count: 1,
    lastNow,
    durability: full,
  });
}

/** Appends and publishes without asking for the lock: whoever holds it has lost it. */
export function commitBeside({ log }: SimulatedProcess, value: string): void {
  const { generation, ordinal } = append(log, log.catchUp(), value);
  generation.file.syncData();
  generation.file.publish(ordinal, full);
}

/** Commits in the place of what lies behind the tail, as a process does that looked before it lay there. */
export function writeOver({ log }: SimulatedProcess, tail: Tail, value: string): void {
  log.active.file.rewrite(Buffer.alloc(8), tail.offset);
  const { generation, ordinal } = append(log, tail, value);
  generation.file.syncData();
  generation.file.publish(ordinal, full);
}

/** The values of the key `k` that a process sees, by seq. */
export const values = (process: SimulatedProcess) => [...process.read().values()];

/** Does something once, right before a process does this to the log, or to its register. */
export function onceBefore(
  process: SimulatedProcess,
  call: string,
  action: () => void,
  ending: '.wal' | '.end' = '.wal',
): void {
  process.fileSystem.before = (name, path) => {
    if (!name.startsWith(call) || !path.endsWith(ending)) return;
    process.fileSystem.before = undefined;
    action();
  };
}
