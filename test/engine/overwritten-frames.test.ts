/** A process that remembers a frame over which another one has written, since one of them lost the write lock. */
import { beforeEach, describe, expect, it } from 'vitest';
import { Slices } from '../../src/base/slices.js';
import { walDirectory } from '../../src/disk/names.js';
import { WrittenBeside } from '../../src/engine/fence.js';
import type { Appended } from '../../src/engine/log.js';
import { Memtable } from '../../src/engine/memtable.js';
import { frameBytes } from '../../src/wal/format.js';
import { expectRefusal } from '../support/expect-refusal.js';
import {
  append,
  commitBeside,
  onceBefore,
  twoProcesses,
  values,
  writeOver,
} from '../support/lost-locks.js';
import { type Machine, SimulatedProcess } from '../support/simulated-processes.js';

let machine: Machine;
let a: SimulatedProcess;
let b: SimulatedProcess;

beforeEach(async () => {
  ({ machine, a, b } = await twoProcesses());
});

describe('a process that saw a frame before it was written over', () => {
  const long = 'x'.repeat(500);

  it('reads what was committed in its place', () => {
    const c = SimulatedProcess.open(machine);
    const tail = b.log.catchUp();
    append(b.log, tail, long);
    c.log.catchUp();
    expect(values(c)).toEqual(['first']);
    writeOver(a, tail, 'over it');
    expect(values(c)).toEqual(['first', 'over it']);
  });

  it('writes behind what lies there now, though the longer one left its end', async () => {
    const c = SimulatedProcess.open(machine);
    const tail = b.log.catchUp();
    append(b.log, tail, long);
    c.log.catchUp();
    writeOver(a, tail, 'over it');
    await c.set('behind it');
    for (const each of [a, c, SimulatedProcess.open(machine)]) {
      expect(values(each)).toEqual(['first', 'over it', 'behind it']);
    }
  });

  /** A frame of `a` comes late over one that was committed: something is done before and after. */
  async function lateFrame({
    committed = () => {},
    late,
  }: {
    committed?: () => void;
    late: () => void;
  }): Promise<void> {
    onceBefore(a, 'write', () => {
      commitBeside(b, 'committed');
      committed();
      onceBefore(a, 'read', late, '.end');
    });
    await expectRefusal('ERR_TIMEKV_DAMAGED', () => a.set('late'));
  }

  it('that came late tells damage before it goes on', async () => {
    const c = SimulatedProcess.open(machine);
    await lateFrame({
      late: () => {
        c.log.catchUp();
      },
    });
    await expectRefusal('ERR_TIMEKV_DAMAGED', () => c.set('behind it'));
  });

  it('that came late is not acknowledged what it has put behind it', async () => {
    const c = SimulatedProcess.open(machine);
    let behind: Appended | undefined;
    await lateFrame({
      late: () => {
        behind = append(c.log, c.log.catchUp(), 'behind it');
      },
    });
    const { generation, place } = behind!;
    expect(generation.stillHas(place!)).toBe(false);
  });

  it('that came late does not flush it, though it was acknowledged what is behind it', async () => {
    const c = SimulatedProcess.open(machine);
    await lateFrame({
      late: () => {
        expect(values(c)).toEqual(['first', 'late']);
        commitBeside(c, 'behind it');
      },
    });
    await c.rotate();
    const flushing = c.log.sealed[0]!.sorted(new Memtable(), new Slices());
    await expect(flushing).rejects.toThrow('cannot be read');
  });

  it('forgets it rather than flush it where something whole lies there', async () => {
    const c = SimulatedProcess.open(machine);
    const tail = b.log.catchUp();
    append(b.log, tail, 'A');
    c.log.catchUp();
    c.log.memtables();
    writeOver(a, tail, 'B');
    const table = await c.log.active.sorted(new Memtable(), new Slices());
    const found: string[] = [];
    const cursor = table.cursor(Infinity);
    for (cursor.first(); cursor.valid; cursor.next()) found.push(cursor.value().toString());
    expect(found.toSorted()).toEqual(['B', 'first']);
  });

  it('that was committed does not flush what it remembers, nor what came late', async () => {
    const c = SimulatedProcess.open(machine);
    let flushing: Promise<unknown> | undefined;
    await lateFrame({
      committed: () => {
        expect(values(c)).toEqual(['first', 'committed']);
      },
      late: () => {
        flushing = c.log.active.sorted(new Memtable(), new Slices());
        flushing.catch(() => undefined);
      },
    });
    await expect(flushing).rejects.toThrow(WrittenBeside);
    const again = c.log.active.sorted(new Memtable(), new Slices());
    await expect(again).rejects.toThrow('cannot be read');
  });

  it('that was a seal does not go on in the file that it named', async () => {
    const c = SimulatedProcess.open(machine);
    const tail = a.log.catchUp();
    // The first such call is that of the new file; the second that of the seal.
    onceBefore(a, 'syncData', () => {
      onceBefore(a, 'syncData', () => {
        onceBefore(c, 'syncData', () => {
          writeOver(b, tail, 'over the seal');
        });
        expect(c.log.catchUp().ordinal).toBe(2);
      });
    });
    await a.rotate();
    await c.set('last');
    for (const each of [a, b, c, SimulatedProcess.open(machine)]) {
      expect(values(each)).toEqual(['first', 'over the seal', 'last']);
    }
  });

  it('that is a seal and came late takes back nothing that was published', async () => {
    const c = SimulatedProcess.open(machine);
    onceBefore(a, 'write', () => {
      onceBefore(a, 'write', () => {
        commitBeside(b, 'committed');
        commitBeside(b, 'committed too');
        onceBefore(
          a,
          'read',
          () => {
            expect(() => c.log.catchUp()).toThrow(WrittenBeside);
          },
          '.end',
        );
      });
    });
    const name = { ...a.log.active.file.name };
    await expect(a.rotate()).rejects.toThrow('the write lock was lost');
    expect(b.log.active.file.name).toEqual(name);
    expect(b.log.active.file.committedFrames()).toBe(3);
    const later = SimulatedProcess.open(machine);
    expect(values(later)).toEqual(['first', 'committed too']);
    expect(later.log.holes()).toMatchObject([{ seqMax: 2 }]);
  });

  it('that is a seal and came late finds the file that it named still there', async () => {
    onceBefore(a, 'write', () => {
      onceBefore(a, 'write', () => {
        commitBeside(b, 'committed');
      });
    });
    await expect(a.rotate()).rejects.toThrow('the write lock was lost');
    expect(a.fileSystem.list(walDirectory(a.fileSystem.root))).toHaveLength(4);
  });

  it('that is a seal whose own length is damaged goes on behind it all the same', async () => {
    const c = SimulatedProcess.open(machine);
    const end = a.log.catchUp().offset + frameBytes(16);
    // The first such call is that of the new file; the second that of the seal.
    onceBefore(a, 'syncData', () => {
      onceBefore(a, 'syncData', () => {
        a.log.active.file.rewrite(Buffer.from([0xff]), end - 8);
        expect(c.log.catchUp().ordinal).toBe(0);
      });
    });
    await a.rotate();
    await c.set('behind it');
    for (const each of [a, b, c]) expect(values(each)).toEqual(['first', 'behind it']);
  });
});
