/** Failing syncs and full disks: what is told, and what can be done afterwards. */
import { describe, expect, it } from 'vitest';
import { expectRefusal } from '../support/expect-refusal.js';
import { randomLoss, systemError } from '../support/simulated-disk.js';
import { Machine, settleDown, SimulatedProcess } from '../support/simulated-processes.js';

const values = (process: SimulatedProcess) => [...process.read().values()];
const real = (path: string) => path.replace(/^\/store-\d+/, '/store');

/** Lets the next call of this name fail; `onPath` picks among the files. */
function failNext(
  { fileSystem }: SimulatedProcess,
  call: string,
  fault: { code: string; onPath?: string; written?: number },
): void {
  const { code, onPath = '', written = 0 } = fault;
  fileSystem.before = (name, path) => {
    if (!name.startsWith(call) || !path.includes(onPath)) return;
    fileSystem.before = undefined;
    throw Object.assign(systemError(code), { written });
  };
}

/** The writeback of the log fails at this process's next sync, and takes with it what was dirty. */
function failWriteback({ machine, fileSystem, log }: SimulatedProcess): void {
  fileSystem.before = (name) => {
    if (!name.startsWith('syncData')) return;
    fileSystem.before = undefined;
    machine.disk.failWriteback(real(log.active.file.path));
  };
}

function losePower(machine: Machine, ...processes: SimulatedProcess[]): SimulatedProcess {
  for (const each of processes) each.kill();
  machine.disk.losePower(randomLoss({ next: () => 0.99 }));
  machine.boot++;
  return SimulatedProcess.open(machine);
}

describe('a sync that fails', () => {
  it('leaves the outcome unknown, ends writing, and is settled by opening again', async () => {
    const machine = new Machine();
    const process = SimulatedProcess.open(machine);
    await process.set('one');
    failWriteback(process);
    await expectRefusal('ERR_TIMEKV_OUTCOME_UNKNOWN', () => process.set('two'));
    await expectRefusal('ERR_TIMEKV_POISONED', () => process.set('three'));
    expect(values(process)).toEqual(['one']);
    const again = process.reopen();
    expect(values(again), 'after opening again it is known').toEqual(['one', 'two']);
    await again.set('three');
    expect(values(losePower(machine, again))).toEqual(['one', 'two', 'three']);
  });

  it('is told to everybody whose writes were in the frame', async () => {
    const machine = new Machine();
    const process = SimulatedProcess.open(machine);
    failNext(process, 'syncData', { code: 'EIO' });
    const writes = ['one', 'two', 'three'].map((text) => process.set(text));
    const settled = Promise.allSettled(writes);
    await settleDown();
    process.letThrough();
    for (const result of await settled) {
      expect(result).toMatchObject({ reason: { code: 'ERR_TIMEKV_OUTCOME_UNKNOWN' } });
    }
  });

  it('in one process is no matter to another that opened the log before', async () => {
    const machine = new Machine();
    const [a, b] = [SimulatedProcess.open(machine), SimulatedProcess.open(machine)];
    failWriteback(a);
    await expectRefusal('ERR_TIMEKV_OUTCOME_UNKNOWN', () => a.set('one'));
    // The kernel tells b too, since it had the file open.
    await expectRefusal('ERR_TIMEKV_OUTCOME_UNKNOWN', () => b.set('two'));
    expect(values(b)).toEqual([]);
    const c = SimulatedProcess.open(machine);
    await c.set('three');
    expect(values(c)).toEqual(['one', 'two', 'three']);
    expect(values(losePower(machine, a, b, c))).toEqual(['one', 'two', 'three']);
  });

  it('takes nothing with it that a later writer builds on, though nobody tells that one', async () => {
    const machine = new Machine();
    const a = SimulatedProcess.open(machine);
    await a.set('zero');
    failWriteback(a);
    await expectRefusal('ERR_TIMEKV_OUTCOME_UNKNOWN', () => a.set('x'.repeat(10_000)));
    a.kill();
    const b = SimulatedProcess.open(machine);
    await b.set('last');
    expect(values(losePower(machine, b)).map((value) => value.length)).toEqual([4, 10_000, 4]);
  });

  it('takes nothing with it of mode process either, once others have built on it', async () => {
    const machine = new Machine();
    const careless = SimulatedProcess.open(machine, { durability: 'process' });
    await careless.set('x'.repeat(10_000));
    machine.disk.failWriteback(real(careless.log.active.file.path));
    careless.kill();
    const full = SimulatedProcess.open(machine);
    await full.set('last');
    expect(values(losePower(machine, full)).map((value) => value.length)).toEqual([10_000, 4]);
  });

  it('is no failure of a write that another process’s sync has covered', async () => {
    const machine = new Machine();
    const [a, b] = [SimulatedProcess.open(machine), SimulatedProcess.open(machine)];
    const writes = Promise.all([a.set('one'), a.set('two')]);
    await settleDown();
    await b.set('three');
    machine.disk.failWriteback(real(a.log.active.file.path));
    a.letThrough();
    await writes;
    // But this descriptor has been told, and will not be told again.
    await expectRefusal('ERR_TIMEKV_POISONED', () => a.set('four'));
    expect(values(losePower(machine, a, b))).toEqual(['one', 'two', 'three']);
  });

  it('and a register that cannot be asked leave the outcome unknown too', async () => {
    const machine = new Machine();
    const process = SimulatedProcess.open(machine);
    let hasFailed = false;
    process.fileSystem.before = (name) => {
      if (name !== 'syncData' && !(name === 'read' && hasFailed)) return;
      hasFailed = true;
      throw systemError('EIO');
    };
    await expectRefusal('ERR_TIMEKV_OUTCOME_UNKNOWN', () => process.set('one'));
  });
});

describe('a disk that is full', () => {
  it.each([0, 1, 50, 90])(
    'writes nothing of a frame (%i bytes fitted), and goes on later',
    async (written) => {
      const machine = new Machine();
      const process = SimulatedProcess.open(machine);
      await process.set('one');
      failNext(process, 'write', { code: 'ENOSPC', onPath: '.wal', written });
      const error = await expectRefusal('ERR_TIMEKV_IO', () => process.set('two'));
      expect(error.message).toContain('the disk is full');
      expect(values(process)).toEqual(['one']);
      await process.set('three');
      for (const each of [process, SimulatedProcess.open(machine)]) {
        expect(each.read()).toEqual(
          new Map([
            [1, 'one'],
            [2, 'three'],
          ]),
        );
      }
    },
  );

  it('for the register leaves the outcome unknown; the next write shows it', async () => {
    const machine = new Machine();
    const process = SimulatedProcess.open(machine);
    failNext(process, 'write', { code: 'ENOSPC', onPath: '.end' });
    await expectRefusal('ERR_TIMEKV_OUTCOME_UNKNOWN', () => process.set('one'));
    expect(values(process)).toEqual([]);
    await process.set('two');
    for (const each of [process, SimulatedProcess.open(machine)]) {
      expect(values(each)).toEqual(['one', 'two']);
    }
  });

  it('that does not even let the write be undone leaves the outcome unknown', async () => {
    const machine = new Machine();
    const process = SimulatedProcess.open(machine);
    process.fileSystem.before = (name, _, bytes) => {
      if (name === 'truncate') throw systemError('EIO');
      if (name === 'write') throw Object.assign(systemError('EIO'), { written: bytes?.length });
    };
    await expectRefusal('ERR_TIMEKV_OUTCOME_UNKNOWN', () => process.set('one'));
    process.fileSystem.before = undefined;
    await expectRefusal('ERR_TIMEKV_POISONED', () => process.set('two'));
    const again = process.reopen();
    expect(values(again)).toEqual(['one']);
    await again.set('two');
    expect(values(losePower(machine, again))).toEqual(['one', 'two']);
  });
});

describe('settling after a restart of the system', () => {
  /** A log that was written to before the machine lost its power. */
  async function interrupted(): Promise<Machine> {
    const machine = new Machine();
    const process = SimulatedProcess.open(machine);
    await process.set('one');
    process.kill();
    machine.disk.losePower(randomLoss({ next: () => 0.99 }));
    machine.boot++;
    return machine;
  }

  /** Opens with a disk that fails the call once the next file of the log has been made. */
  function openFailing(
    machine: Machine,
    fault: (name: string, path: string) => string | undefined,
  ) {
    let isRotating = false;
    return SimulatedProcess.open(machine, {}, (fileSystem) => {
      fileSystem.before = (name, path) => {
        isRotating ||= name === 'create' && path.includes('00000002');
        const code = isRotating ? fault(name, path) : undefined;
        if (code !== undefined) throw Object.assign(systemError(code), { written: 10 });
      };
    });
  }

  it.each(['ENOSPC', 'EDQUOT'])('opens although the new log has no room (%s)', async (code) => {
    const machine = await interrupted();
    const process = openFailing(machine, (name) => (name === 'create' ? code : undefined));
    expect(values(process)).toEqual(['one']);
  });

  it('tells any other failure, since it may have left the log as nobody knows', async () => {
    const machine = await interrupted();
    const sync = (name: string) => (name === 'syncData' ? 'EIO' : undefined);
    expect(() => openFailing(machine, sync)).toThrow('EIO');
    const seal = (name: string, path: string) =>
      ['write', 'truncate'].includes(name) && path.includes('00000001') ? 'EIO' : undefined;
    await expectRefusal('ERR_TIMEKV_OUTCOME_UNKNOWN', () => openFailing(machine, seal));
    expect(values(SimulatedProcess.open(machine))).toEqual(['one']);
  });
});

describe('giving back the lock', () => {
  it('that fails after an append leaves the outcome unknown', async () => {
    const process = SimulatedProcess.open(new Machine());
    await process.set('one', { at: 1 });
    process.released = () => {
      throw systemError('EIO');
    };
    await expectRefusal('ERR_TIMEKV_OUTCOME_UNKNOWN', () => process.set('two'));
    await expectRefusal('ERR_TIMEKV_IO', () => process.set('x', { at: 1, onConflict: 'fail' }));
    process.released = () => {};
    await process.set('three');
    expect(values(process)).toEqual(['one', 'two', 'three']);
  });

  it('keeps the file open until it is synced, though others flush it away', async () => {
    const process = SimulatedProcess.open(new Machine());
    process.released = () => {
      queueMicrotask(() => {
        process.log.dropBefore(2);
      });
    };
    await process.set('one');
    expect(process.fileSystem.openFiles, 'and no longer').toBe(0);
  });

  it('comes before the sync that a refused condition waits for', async () => {
    const machine = new Machine();
    const [slow, other] = [SimulatedProcess.open(machine), SimulatedProcess.open(machine)];
    const writes = Promise.all([slow.set('one', { at: 1 }), slow.set('two', { at: 2 })]);
    await settleDown();
    const holders: unknown[] = [];
    other.fileSystem.before = (name) => {
      if (name.startsWith('syncData')) holders.push(machine.lockHolder);
    };
    await expectRefusal('ERR_TIMEKV_CONFLICT', () => other.set('x', { at: 1, onConflict: 'fail' }));
    expect(holders).toEqual([undefined]);
    expect(values(losePower(machine, other))).toEqual(['one', 'two']);
    slow.letThrough();
    await writes.catch(() => undefined);
  });
});

describe('closing a log', () => {
  it('leaves no file open, whatever went before', async () => {
    const machine = new Machine();
    const process = SimulatedProcess.open(machine);
    for (let round = 0; round < 3; round++) {
      await process.set('x');
      await process.rotate();
    }
    expect(process.fileSystem.openFiles).toBe(8);
    process.log.dropBefore(3);
    expect(process.fileSystem.openFiles).toBe(4);
    process.log.close();
    expect(process.fileSystem.openFiles).toBe(0);
  });
});
