/** What a dead writer or a power cut leaves behind the last whole frame, and who takes it away. */
import { describe, expect, it } from 'vitest';
import { walDirectory } from '../../src/disk/names.js';
import { randomLoss } from '../support/simulated-disk.js';
import { Killed, SimulatedFileSystem } from '../support/simulated-file-system.js';
import { Machine, openLog, settleDown, SimulatedProcess } from '../support/simulated-processes.js';

const values = (process: SimulatedProcess) => [...process.read().values()];

/** Kills the process when it has written so many bytes of its next frame; answers what was left. */
function killInWrite({ fileSystem }: SimulatedProcess, written: number): () => Uint8Array {
  let rest = new Uint8Array();
  fileSystem.before = (name, _, bytes) => {
    if (name !== 'write') return;
    rest = Uint8Array.from(bytes?.subarray(written) ?? []);
    fileSystem.kill();
    throw Object.assign(new Killed(), { written });
  };
  return () => rest;
}

function inodeOf(machine: Machine, process: SimulatedProcess) {
  return machine.disk.inode(process.log.active.file.path.replace(/^\/store-\d+/, '/store'));
}

/** Nothing behind the last frame but zeros. */
function expectClean(machine: Machine, process: SimulatedProcess): void {
  const { offset } = process.log.active.committed();
  expect(
    inodeOf(machine, process)
      .bytes.subarray(offset)
      .every((byte) => byte === 0),
  ).toBe(true);
}

describe('a frame that a killed writer left torn', () => {
  it('at any byte is cut by the next writer, and by no reader', async () => {
    const machine = new Machine();
    const first = SimulatedProcess.open(machine);
    await first.set('first');
    first.kill();
    const saved = machine.disk.save();
    const frameLength = 72 + 16 + 1 + 'the torn one'.length + 3 + 8;
    for (let written = 0; written <= frameLength; written++) {
      machine.disk.restore(saved);
      const torn = SimulatedProcess.open(machine);
      const notWritten = killInWrite(torn, written);
      await expect(torn.set('the torn one')).rejects.toThrow(/killed|undone/);
      // Where it would only have written zeros, the zeros written ahead do as well.
      const isWhole = notWritten().every((byte) => byte === 0);
      if (written === frameLength) expect(isWhole).toBe(true);
      const before = inodeOf(machine, torn).bytes;
      const reader = SimulatedProcess.open(machine, { isReadOnly: true });
      expect(values(reader), `${written} bytes`).toEqual(['first']);
      expect(inodeOf(machine, torn).bytes.equals(before)).toBe(true);
      const next = SimulatedProcess.open(machine);
      await next.set('x');
      const expected = isWhole ? ['first', 'the torn one', 'x'] : ['first', 'x'];
      for (const each of [reader, next, SimulatedProcess.open(machine)]) {
        expect(values(each), `${written} bytes`).toEqual(expected);
      }
      expectClean(machine, next);
    }
  });

  it('is cut by a process that was there all the time', async () => {
    const machine = new Machine();
    const [a, b] = [SimulatedProcess.open(machine), SimulatedProcess.open(machine)];
    await a.set('first');
    await b.set('second');
    killInWrite(a, 60);
    await expect(a.set('torn')).rejects.toThrow(/killed|undone/);
    expect(values(b)).toEqual(['first', 'second']);
    await b.set('third');
    expect(values(b)).toEqual(['first', 'second', 'third']);
    expectClean(machine, b);
  });
});

describe('a register that lags after a power cut', () => {
  async function lagging() {
    const machine = new Machine();
    const writer = SimulatedProcess.open(machine);
    for (const value of ['one', 'two', 'three']) await writer.set(value);
    const register = machine.disk.inode(
      writer.log.active.file.path.replace(/^\/store-\d+/, '/store').replace(/wal$/, 'end'),
    );
    writer.kill();
    register.resize(2);
    return machine;
  }

  it('hides nothing from a reader that cannot write', async () => {
    const machine = await lagging();
    machine.boot++;
    const reader = SimulatedProcess.open(machine, { isReadOnly: true });
    expect(values(reader)).toEqual(['one', 'two', 'three']);
  });

  it('makes a reader that cannot write look for lost frames once, not at each read', async () => {
    const machine = new Machine();
    const writer = SimulatedProcess.open(machine);
    await writer.set('1', { at: 1 });
    writer.kill();
    machine.boot++;
    const reader = SimulatedProcess.open(machine, { isReadOnly: true });
    let reads = 0;
    reader.fileSystem.before = (name) => {
      if (name === 'read') reads++;
    };
    for (let count = 0; count < 10; count++) expect(reader.find(1)).toBe('1');
    // What is new in the register, and in the log, and to build the memtable once.
    expect(reads).toBeLessThan(10 * 4 + 4);
  });

  it('is settled by the first opening, which goes on in a file of this boot', async () => {
    const machine = await lagging();
    machine.boot++;
    const reader = SimulatedProcess.open(machine, { isReadOnly: true });
    const first = SimulatedProcess.open(machine);
    expect(values(first)).toEqual(['one', 'two', 'three']);
    expect(first.log.active.generation).toBe(2);
    const changes: string[] = [];
    const second = SimulatedProcess.open(machine, {}, (fileSystem) => {
      fileSystem.before = (name) => {
        if (name !== 'read' && name !== 'open') changes.push(name);
      };
    });
    expect(values(second)).toEqual(['one', 'two', 'three']);
    expect(changes, 'the second opening has nothing to settle').toEqual([]);
    await second.set('four');
    for (const each of [reader, first])
      expect(values(each)).toEqual(['one', 'two', 'three', 'four']);
  });

  it('never shows a reader that cannot write what a writer has not synced', async () => {
    const machine = await lagging();
    machine.boot++;
    const writer = SimulatedProcess.open(machine);
    writer.set('four').catch(() => {});
    writer.set('five').catch(() => {});
    await settleDown();
    const reader = SimulatedProcess.open(machine, { isReadOnly: true });
    expect(values(reader)).toEqual(['one', 'two', 'three']);
    writer.letThrough();
    await settleDown();
    expect(values(reader)).toEqual(['one', 'two', 'three', 'four', 'five']);
  });

  it('is what it is under the same boot: nobody was told of the rest', async () => {
    const machine = await lagging();
    expect(values(SimulatedProcess.open(machine, { isReadOnly: true }))).toEqual(['one']);
    const writer = SimulatedProcess.open(machine);
    expect(values(writer)).toEqual(['one']);
    await writer.set('four');
    expect(values(writer)).toEqual(['one', 'two', 'three', 'four']);
  });

  it('does not keep the store shut when the disk is too full for a new file', async () => {
    const machine = await lagging();
    machine.boot++;
    const opened = SimulatedProcess.open(machine, {}, (fileSystem) => {
      fileSystem.before = (name) => {
        if (name === 'create') throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      };
    });
    expect(values(opened)).toEqual(['one', 'two', 'three']);
    expect(opened.log.active.generation).toBe(1);
    const later = SimulatedProcess.open(machine);
    expect(later.log.active.generation).toBe(2);
    expect(values(later)).toEqual(['one', 'two', 'three']);
  });
});

describe('a power cut', () => {
  it.each([
    ['with a boot id', true],
    ['without one', false],
  ])('that lost one frame and kept the next leaves nothing of it (%s)', async (_, hasBootId) => {
    const machine = new Machine({ hasBootId });
    const a = SimulatedProcess.open(machine);
    const b = SimulatedProcess.open(machine);
    await a.set('first');
    // Two frames that nobody has synced: the first of them is lost, the second is not.
    const big = 'x'.repeat(10_000);
    for (const each of [a, b]) {
      each.set(big).catch(() => {});
      each.set(big).catch(() => {});
      await settleDown();
    }
    const inode = inodeOf(machine, a);
    const lost = a.log.active.committed().offset;
    for (const each of [a, b]) each.kill();
    inode.write(Buffer.alloc(20_300), lost);
    inode.sync();
    machine.boot++;
    const later = SimulatedProcess.open(machine);
    expect(values(later)).toEqual(['first']);
    expectClean(machine, later);
    // Frames that end before, at and behind the place where the lost one ended.
    for (const length of [100, 9000, 11_000, 30_000]) {
      await later.set('y'.repeat(length));
      const lengths = values(SimulatedProcess.open(machine)).map((value) => value.length);
      expect(lengths).toEqual(values(later).map((value) => value.length));
      expect(lengths.at(-1)).toBe(length);
    }
  });

  it('that took publications back is noticed by those who had counted them', async () => {
    // Without a boot id the log goes on in the same file, so that both meet in it.
    const machine = new Machine({ hasBootId: false });
    const full = SimulatedProcess.open(machine);
    await full.set('durable');
    const { offset } = full.log.active.committed();
    const careless = SimulatedProcess.open(machine, { durability: 'process' });
    for (const value of ['lost', 'lost', 'lost']) await careless.set(value);
    const inode = inodeOf(machine, full);
    for (const each of [full, careless]) each.kill();
    inode.write(Buffer.alloc(inode.bytes.length - offset), offset);
    inode.sync();
    const door = new SimulatedFileSystem(machine.disk);
    const early = openLog(machine, door); // Has counted four frames, and not settled yet.
    const later = SimulatedProcess.open(machine);
    later.set('new').catch(() => {});
    later.set('new').catch(() => {});
    await settleDown();
    early.catchUp(); // Sees two frames, of which one is not synced.
    expect(values(later)).toEqual(['durable']);
    later.letThrough();
    await settleDown();
    expect(values(later)).toEqual(['durable', 'new', 'new']);
    early.close();
  });

  it('takes nothing that a reader was shown, where nobody can tell of a restart', async () => {
    const machine = new Machine({ hasBootId: false });
    const writer = SimulatedProcess.open(machine);
    for (const value of ['one', 'two']) writer.set(value).catch(() => {});
    await settleDown(); // Appended, and not synced yet.
    const reader = SimulatedProcess.open(machine, { isReadOnly: true });
    expect(values(reader)).toEqual(['one', 'two']);
    for (const each of [writer, reader]) each.kill();
    machine.disk.losePower(randomLoss({ next: () => 0.99 })); // Keeps nothing.
    expect(values(SimulatedProcess.open(machine))).toEqual(['one', 'two']);
  });

  it('leaves a copy of what is cut', async () => {
    const machine = new Machine();
    const writer = SimulatedProcess.open(machine);
    await writer.set('first');
    killInWrite(writer, 60);
    await expect(writer.set('torn')).rejects.toThrow(/killed|undone/);
    machine.boot++;
    const later = SimulatedProcess.open(machine);
    expect(values(later)).toEqual(['first']);
    const kept = later.fileSystem.list(`${later.fileSystem.root}/quarantine`);
    expect(kept).toHaveLength(1);
    expect(kept[0]).toMatch(/^00000001-[0-9a-f]{16}-torn-at-\d+\.bin$/);
    expect(later.fileSystem.list(walDirectory(later.fileSystem.root))).toHaveLength(4);
  });
});
