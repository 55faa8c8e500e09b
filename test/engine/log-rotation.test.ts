/** Sealing a log and going on in a new one, stopped at every step. */
import { describe, expect, it } from 'vitest';
import { walDirectory } from '../../src/disk/names.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { randomLoss, systemError } from '../support/simulated-disk.js';
import { Killed } from '../support/simulated-file-system.js';
import { Machine, SimulatedProcess } from '../support/simulated-processes.js';

const values = (process: SimulatedProcess) => [...process.read().values()];

interface Step {
  name: string;
  file: string;
}

/** What a rotation does to files, in order; `fail` is asked at each step. */
function watch({ fileSystem }: SimulatedProcess, fail: (step: number) => void = () => {}): Step[] {
  const steps: Step[] = [];
  fileSystem.before = (name, path) => {
    if (name === 'read' || name === 'open') return;
    const file = path.replace(/^\/store(-\d+)?\/wal\/?/, '').replace(/-[0-9a-f]{16}/, '');
    steps.push({ name, file });
    fail(steps.length - 1);
  };
  return steps;
}

async function twoFrames() {
  const machine = new Machine();
  const process = SimulatedProcess.open(machine);
  await process.set('one');
  await process.set('two');
  return { machine, process };
}

const order = [
  'create 00000002.wal',
  'write 00000002.wal',
  'syncData 00000002.wal',
  'create 00000002.end',
  'write 00000002.end',
  'syncData 00000002.end',
  'syncDirectory ',
  'write 00000001.wal', // The seal,
  'syncData 00000001.wal', // which is synced
  'write 00000001.end', // and published.
  'truncate 00000001.wal',
];

describe('a rotation', () => {
  it('does each thing after what it relies on', async () => {
    const { machine, process } = await twoFrames();
    const steps = watch(process);
    await process.rotate();
    expect(steps.map(({ name, file }) => `${name} ${file}`)).toEqual(order);
    await process.set('three');
    const followed = SimulatedProcess.open(machine);
    for (const each of [process, followed]) expect(values(each)).toEqual(['one', 'two', 'three']);
    expect(followed.log.active.generation).toBe(2);
    expect(followed.log.active.file.header).toMatchObject({ baseSeq: 2, generation: 2 });
  });

  it('is followed by processes that were there before, reading or writing', async () => {
    const { machine, process } = await twoFrames();
    const [reader, writer] = [SimulatedProcess.open(machine), SimulatedProcess.open(machine)];
    for (const each of [reader, writer]) expect(values(each)).toHaveLength(2);
    for (let round = 0; round < 3; round++) await process.rotate();
    await process.set('three');
    await writer.set('four');
    for (const each of [reader, writer, process]) {
      expect(values(each)).toEqual(['one', 'two', 'three', 'four']);
    }
  });

  it('happens by itself when the next frame would pass the size', async () => {
    const machine = new Machine();
    const process = SimulatedProcess.open(machine);
    for (let each = 0; each < 20; each++) await process.set('x'.repeat(10_000));
    expect(process.log.generations.length).toBe(4);
    expect(values(SimulatedProcess.open(machine))).toHaveLength(20);
    // A frame that is larger than that has a file to itself.
    await process.set('y'.repeat(200_000));
    await process.set('z');
    expect(process.log.generations.length).toBe(6);
    expect(values(SimulatedProcess.open(machine)).map((value) => value.length)).toEqual([
      ...Array.from({ length: 20 }, () => 10_000),
      200_000,
      1,
    ]);
  });

  it('goes on in what it finds whole', async () => {
    const { machine, process } = await twoFrames();
    for (const isReadOnly of [false, true]) {
      const path = process.log.active.file.path.replace(/^\/store-\d+/, '/store');
      await process.rotate();
      const inode = machine.disk.inode(process.log.active.file.path.replace(/-\d+/, ''));
      const before = inode.bytes;
      inode.write(Buffer.of(9), 48); // The seq before it: the file says that it belongs elsewhere.
      await expectRefusal('ERR_TIMEKV_DAMAGED', () =>
        SimulatedProcess.open(machine, { isReadOnly }),
      );
      inode.write(before, 0);
      expect(path).not.toBe(process.log.active.file.path);
    }
  });
});

describe.each(order.map((name, index) => [index, name] as const))(
  'a rotation whose process is killed at step %i (%s)',
  (stop) => {
    it.each([
      ['and goes on in the same boot', 'no'],
      ['and the power is cut, all being kept', 'all'],
      ['and the power is cut, nothing being kept', 'nothing'],
    ])('is finished or forgotten by the next one (%s)', async (_, loss) => {
      const { machine, process } = await twoFrames();
      watch(process, (step) => {
        if (step !== stop) return;
        process.kill();
        throw Object.assign(new Killed(), { written: 40 });
      });
      await expect(process.rotate()).rejects.toThrow(/killed|undone/);
      if (loss !== 'no') {
        machine.disk.losePower(randomLoss({ next: () => (loss === 'all' ? 0 : 0.99) }));
        machine.boot++;
      }
      const next = SimulatedProcess.open(machine);
      expect(values(next)).toEqual(['one', 'two']);
      await next.set('three');
      await next.rotate();
      await next.set('four');
      const last = SimulatedProcess.open(machine);
      for (const each of [next, last])
        expect(values(each)).toEqual(['one', 'two', 'three', 'four']);
    });
  },
);

describe.each(order.map((name, index) => [index, name] as const))(
  'a rotation that meets an error at step %i (%s)',
  (stop, name) => {
    it('loses nothing, and the next one does not stumble over it', async () => {
      const { machine, process } = await twoFrames();
      const other = SimulatedProcess.open(machine);
      const openFiles = process.fileSystem.openFiles;
      watch(process, (step) => {
        if (step === stop) throw Object.assign(systemError('EIO'), { written: 40 });
      });
      await expect(process.rotate()).rejects.toThrow('EIO');
      process.fileSystem.before = undefined;
      expect(values(process)).toEqual(['one', 'two']);
      if (name === 'syncData 00000001.wal') {
        await expectRefusal('ERR_TIMEKV_POISONED', () => process.set('three'));
        process.reopen();
      }
      expect(process.fileSystem.openFiles).toBeLessThanOrEqual(openFiles + 2);
      await other.set('three');
      await other.rotate();
      const last = SimulatedProcess.open(machine);
      for (const each of [other, last]) expect(values(each)).toEqual(['one', 'two', 'three']);
      // Files that came to nothing are gone, unless a seal may name them.
      const files = last.fileSystem.list(walDirectory(last.fileSystem.root));
      expect(files).toHaveLength(2 * last.log.generations.length);
    });
  },
);
