/** Two processes over one log: what one appends, and when the other sees it. */
import type { Committed } from '../../src/engine/engine.js';
import { describe, expect, it } from 'vitest';
import { expectRefusal } from '../support/expect-refusal.js';
import { randomLoss, systemError } from '../support/simulated-disk.js';
import { Machine, settleDown, SimulatedProcess } from '../support/simulated-processes.js';

const values = (process: SimulatedProcess) => [...process.read().values()];

/** Two writes in one frame, of which the sync waits until it is let through. */
async function appendOnly(process: SimulatedProcess, first: string, second: string) {
  const written = Promise.allSettled([process.set(first), process.set(second)]);
  await settleDown();
  expect(process.gates).toHaveLength(1);
  return { written };
}

describe('a frame that is appended and not synced yet', () => {
  it('is seen by nobody, and by everybody once it is published', async () => {
    const machine = new Machine();
    const [a, b] = [SimulatedProcess.open(machine), SimulatedProcess.open(machine)];
    await a.set('first');
    const { written } = await appendOnly(a, 'second', 'third');
    for (const each of [a, b, SimulatedProcess.open(machine)])
      expect(values(each)).toEqual(['first']);
    a.letThrough();
    await written;
    for (const each of [a, b, SimulatedProcess.open(machine)]) {
      expect(values(each)).toEqual(['first', 'second', 'third']);
    }
  });

  it('is published by the next commit of another process', async () => {
    const machine = new Machine();
    const [a, b] = [SimulatedProcess.open(machine), SimulatedProcess.open(machine)];
    await appendOnly(a, 'one', 'two');
    await b.set('three');
    for (const each of [a, b]) expect(values(each)).toEqual(['one', 'two', 'three']);
    a.kill();
    expect(values(SimulatedProcess.open(machine))).toEqual(['one', 'two', 'three']);
  });

  it('of a killed process is published by whoever commits next, and not before', async () => {
    const machine = new Machine();
    const a = SimulatedProcess.open(machine);
    await appendOnly(a, 'one', 'two');
    a.kill();
    const b = SimulatedProcess.open(machine);
    expect(values(b)).toEqual([]);
    await b.set('three');
    expect(values(b)).toEqual(['one', 'two', 'three']);
  });

  it('is judged by conditions, and published before a refusal tells of it', async () => {
    const machine = new Machine();
    const [a, b] = [SimulatedProcess.open(machine), SimulatedProcess.open(machine)];
    await appendOnly(a, 'one', 'two');
    const syncs = countSyncs(b);
    await expectRefusal('ERR_TIMEKV_CONFLICT', () => b.set('three', { ifSeq: 'none' }));
    expect(syncs()).toBe(1);
    expect(values(b)).toEqual(['one', 'two']);
    await expectRefusal('ERR_TIMEKV_CONFLICT', () => b.set('three', { ifSeq: 'none' }));
    expect(syncs(), 'everything was published already').toBe(1);
  });

  it('is not refused where the refusal could not be made true', async () => {
    const machine = new Machine();
    const [a, b] = [SimulatedProcess.open(machine), SimulatedProcess.open(machine)];
    await appendOnly(a, 'one', 'two');
    b.fileSystem.before = (name) => {
      if (name === 'syncData') throw systemError('EIO');
    };
    await expectRefusal('ERR_TIMEKV_IO', () => b.set('three', { ifSeq: 'none' }));
    b.fileSystem.before = undefined;
    // Its descriptor will never be told again, so it must not be relied on.
    await expectRefusal('ERR_TIMEKV_POISONED', () => b.set('four'));
    expect(values(SimulatedProcess.open(machine))).toEqual([]);
  });

  it('is a view that holds still while others are published', async () => {
    const machine = new Machine();
    const [a, b] = [SimulatedProcess.open(machine), SimulatedProcess.open(machine)];
    await a.set('one', { at: 1 });
    expect(b.find(1)).toBe('one');
    await a.set('two', { at: 1 });
    expect(b.find(1)).toBe('two');
    expect(b.read()).toEqual(
      new Map([
        [1, 'one'],
        [2, 'two'],
      ]),
    );
  });
});

describe('seq and now', () => {
  it('go on over processes, without gaps, whoever writes', async () => {
    const machine = new Machine();
    const processes = [1, 2, 3].map(() => SimulatedProcess.open(machine));
    const writes: Promise<Committed>[] = [];
    for (let round = 0; round < 10; round++) {
      for (const each of processes) writes.push(each.set(`${round}`), each.set(`${round}`));
      await settleDown();
      for (const each of processes) each.letThrough();
    }
    const letting = setInterval(() => {
      for (const each of processes) each.letThrough();
    }, 1);
    const committed = await Promise.all(writes);
    clearInterval(letting);
    expect(new Set(committed.flatMap(({ answers }) => answers)).size).toBe(60);
    expect(new Set(committed.map(({ firstSeq }) => firstSeq)).size).toBe(60);
    for (const each of processes) {
      expect([...each.read().keys()]).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    }
  });
});

describe('a writer in mode process', () => {
  it('does not sync what needs none', async () => {
    const machine = new Machine();
    const a = SimulatedProcess.open(machine, { durability: 'process' });
    const syncs = countSyncs(a);
    await a.set('one');
    await a.set('two');
    expect(syncs()).toBe(0);
    expect(values(SimulatedProcess.open(machine))).toEqual(['one', 'two']);
  });

  it('does not publish another’s frame without a sync', async () => {
    const machine = new Machine();
    const full = SimulatedProcess.open(machine);
    const careless = SimulatedProcess.open(machine, { durability: 'process' });
    await appendOnly(full, 'one', 'two');
    const syncs = countSyncs(careless);
    await careless.set('three');
    expect(syncs()).toBe(1);
    expect(values(careless)).toEqual(['one', 'two', 'three']);
    // What was seen must survive a power cut.
    full.kill();
    careless.kill();
    machine.disk.losePower(randomLoss({ next: () => 0.99 }));
    machine.boot++;
    expect(values(SimulatedProcess.open(machine))).toEqual(['one', 'two', 'three']);
  });

  it('may lose its own, with what follows it, and the seqs are given again', async () => {
    const machine = new Machine();
    const full = SimulatedProcess.open(machine);
    await full.set('durable');
    const careless = SimulatedProcess.open(machine, { durability: 'process' });
    await careless.set('lost one');
    await careless.set('lost two');
    full.kill();
    careless.kill();
    machine.disk.losePower(randomLoss({ next: () => 0.99 })); // Nothing is kept that was not synced.
    machine.boot++;
    const after = SimulatedProcess.open(machine);
    expect(values(after)).toEqual(['durable']);
    await after.set('next');
    expect(after.read()).toEqual(
      new Map([
        [1, 'durable'],
        [2, 'next'],
      ]),
    );
  });

  it('may have one frame lost and a later one kept: that is no damage', async () => {
    const machine = new Machine();
    const full = SimulatedProcess.open(machine);
    await full.set('durable');
    const careless = SimulatedProcess.open(machine, { durability: 'process' });
    await careless.set('x'.repeat(9000));
    const { path } = careless.log.active.file;
    const lost = careless.log.active.committed().offset - 9000;
    await careless.set('kept, and of no use');
    full.kill();
    careless.kill();
    machine.disk.losePower(randomLoss({ next: () => 0 })); // Everything is kept…
    const inode = machine.disk.inode(path.replace(/^\/store-\d+/, '/store'));
    inode.write(Buffer.alloc(4096), Math.floor(lost / 4096) * 4096 + 4096); // …but for one block.
    inode.sync();
    machine.boot++;
    const after = SimulatedProcess.open(machine);
    expect(values(after)).toEqual(['durable']);
    await after.set('next');
    expect(values(SimulatedProcess.open(machine))).toEqual(['durable', 'next']);
  });
});

function countSyncs({ fileSystem }: SimulatedProcess): () => number {
  let count = 0;
  fileSystem.before = (name) => {
    if (name.startsWith('syncData')) count++;
  };
  return () => count;
}
