/** Frames that were on the disk and cannot be read any more. */
import { describe, expect, it } from 'vitest';
import type { TimekvError } from '../../src/base/errors.js';
import { frameHeaderBytes } from '../../src/wal/format.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { systemError } from '../support/simulated-disk.js';
import { Machine, settleDown, SimulatedProcess } from '../support/simulated-processes.js';

const values = (process: SimulatedProcess) => [...process.read().values()];

interface Filled {
  machine: Machine;
  path: string;
  /** Where each frame begins, and the end. */
  offsets: number[];
}

/** A log of frames 1 to n, with values `1` to `n` at times 1 to n, whose writer has gone. */
async function filled(frames: number): Promise<Filled> {
  const machine = new Machine();
  const writer = SimulatedProcess.open(machine);
  const offsets = [writer.log.active.committed().offset];
  for (let frame = 1; frame <= frames; frame++) {
    await writer.set(String(frame), { at: frame });
    offsets.push(writer.log.active.committed().offset);
  }
  const path = writer.log.active.file.path.replace(/^\/store-\d+/, '/store');
  writer.kill();
  return { machine, path, offsets };
}

/** Changes a byte of a frame; `at` counts from its start. */
function damage({ machine, path, offsets }: Filled, frame: number, at: number): void {
  const inode = machine.disk.inode(path);
  const offset = (offsets[frame - 1] ?? 0) + at;
  inode.write(Buffer.of((inode.bytes[offset] ?? 0) ^ 0x55), offset);
}

/** What a register loses in a power cut. */
function lag({ machine, path }: Filled, committed: number): void {
  machine.disk.inode(path.replace(/wal$/, 'end')).resize(committed + 1);
  machine.boot++;
}

function expectPlace(error: TimekvError, { path, offsets }: Filled, frame: number): void {
  expect(error.file?.replace(/^\/store-\d+/, '/store')).toBe(path);
  expect(error.offset).toBe(offsets[frame - 1]);
}

describe.each([
  ['header', 30],
  ['payload', frameHeaderBytes + 17],
])('a committed frame with a damaged %s', (_, at) => {
  it('makes reads fail with file and offset, but for what a later frame settles', async () => {
    const log = await filled(4);
    damage(log, 2, at);
    const process = SimulatedProcess.open(log.machine);
    for (const time of [1, 2, 99]) {
      expectPlace(await expectRefusal('ERR_TIMEKV_DAMAGED', () => process.find(time)), log, 2);
    }
    // Whatever the lost frame held, it came before these.
    expect(process.find(3)).toBe('3');
    expect(process.find(4)).toBe('4');
  });

  it('lets unconditional writes go on, and refuses conditions', async () => {
    const log = await filled(4);
    damage(log, 2, at);
    const process = SimulatedProcess.open(log.machine);
    process.fileSystem.syncGate = () => Promise.resolve();
    const refused = expectRefusal('ERR_TIMEKV_DAMAGED', () =>
      process.set('6', { at: 6, ifSeq: 'none' }),
    );
    // Together in one frame with the refused one, before and behind it.
    await Promise.all([process.set('5', { at: 5 }), refused, process.set('7', { at: 7 })]);
    expectPlace(await refused, log, 2);
    for (const each of [process, SimulatedProcess.open(log.machine)]) {
      expect([5, 7].map((time) => each.find(time))).toEqual(['5', '7']);
      await expectRefusal('ERR_TIMEKV_DAMAGED', () => each.find(6));
    }
    expect(process.log.refresh().seq).toBe(6);
  });

  it('is told again and again, and never half an answer', async () => {
    const log = await filled(4);
    damage(log, 2, at);
    const process = SimulatedProcess.open(log.machine);
    for (let each = 0; each < 3; each++) {
      await expectRefusal('ERR_TIMEKV_DAMAGED', () => process.find(99));
      expect(process.log.holes()).toHaveLength(1);
    }
  });

  it('is not passed over in silence after a restart, by whomever', async () => {
    for (const isReadOnly of [true, false]) {
      const log = await filled(4);
      damage(log, 2, at);
      log.machine.boot++;
      const process = SimulatedProcess.open(log.machine, { isReadOnly });
      expectPlace(await expectRefusal('ERR_TIMEKV_DAMAGED', () => process.find(99)), log, 2);
      expect(process.find(4)).toBe('4');
      if (isReadOnly) continue;
      await process.set('5', { at: 5 });
      expect(process.find(5)).toBe('5');
    }
  });

  it('is known for damage where the register lags: later frames tell that it was there', async () => {
    for (const isReadOnly of [true, false]) {
      const log = await filled(5);
      damage(log, 3, at);
      lag(log, 1);
      const process = SimulatedProcess.open(log.machine, { isReadOnly });
      expectPlace(await expectRefusal('ERR_TIMEKV_DAMAGED', () => process.find(99)), log, 3);
      expect(process.find(5)).toBe('5');
    }
  });
});

describe('two frames that were under way together', () => {
  it('of which the first is damaged are not taken for torn ones, though the register lags', async () => {
    const log = await filled(2);
    const [a, b] = [SimulatedProcess.open(log.machine), SimulatedProcess.open(log.machine)];
    const writes = [a, b].flatMap((each) => [each.set('3', { at: 3 }), each.set('4', { at: 4 })]);
    await settleDown();
    for (const each of [a, b]) each.letThrough();
    await Promise.all(writes);
    // Only this frame tells that those before it were on the disk; the next one was begun earlier.
    await a.set('5', { at: 5 });
    for (const each of [a, b]) each.kill();
    damage(log, 3, frameHeaderBytes + 17);
    lag(log, 2);
    const process = SimulatedProcess.open(log.machine);
    expectPlace(await expectRefusal('ERR_TIMEKV_DAMAGED', () => process.find(99)), log, 3);
    expect(process.find(5)).toBe('5');
  });
});

describe('the last committed frame', () => {
  it('with a damaged payload still tells where to go on', async () => {
    const log = await filled(3);
    damage(log, 3, frameHeaderBytes + 17);
    const process = SimulatedProcess.open(log.machine);
    expectPlace(await expectRefusal('ERR_TIMEKV_DAMAGED', () => process.find(99)), log, 3);
    process.fileSystem.syncGate = () => Promise.resolve();
    const refused = expectRefusal('ERR_TIMEKV_DAMAGED', () => process.set('5', { ifSeq: 'none' }));
    await Promise.all([process.set('4', { at: 4 }), refused]);
    expect(process.find(4)).toBe('4');
    expectPlace(await expectRefusal('ERR_TIMEKV_DAMAGED', () => process.find(99)), log, 3);
  });

  it('with a damaged header keeps the log shut: nobody knows its seq', async () => {
    const log = await filled(3);
    damage(log, 3, 30);
    const error = await expectRefusal('ERR_TIMEKV_DAMAGED', () =>
      SimulatedProcess.open(log.machine),
    );
    expectPlace(error, log, 3);
  });

  it('that is damaged behind a register that lags cannot be told from a torn one', async () => {
    const log = await filled(3);
    damage(log, 3, 30);
    lag(log, 1);
    const process = SimulatedProcess.open(log.machine);
    expect(values(process)).toEqual(['1', '2']);
    const kept = process.fileSystem.list(`${process.fileSystem.root}/quarantine`);
    expect(kept).toHaveLength(1);
  });
});

describe('a read that the system refuses', () => {
  it('is told, and repeated it answers as if nothing had been', async () => {
    const log = await filled(40);
    for (let nth = 0; nth < 12; nth++) {
      const process = SimulatedProcess.open(log.machine, { isReadOnly: true });
      let left = nth;
      process.fileSystem.before = (name) => {
        if (name === 'read' && left-- === 0) throw systemError('EIO');
      };
      try {
        expect(values(process)).toHaveLength(40);
      } catch (error) {
        expect(String(error)).toContain('EIO');
      }
      process.fileSystem.before = undefined;
      expect(values(process)).toHaveLength(40);
      process.kill();
    }
  });
});
