/** A writer that has lost the write lock without a word: POSIX drops it when any descriptor is closed. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Appended } from '../../src/engine/log.js';
import { WrittenBeside } from '../../src/engine/fence.js';
import { frameBytes } from '../../src/wal/format.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { append, commitBeside, onceBefore, twoProcesses, values } from '../support/lost-locks.js';
import { systemError } from '../support/simulated-disk.js';
import { type Machine, settleDown, SimulatedProcess } from '../support/simulated-processes.js';

let machine: Machine;
let a: SimulatedProcess;
let b: SimulatedProcess;

beforeEach(async () => {
  ({ machine, a, b } = await twoProcesses());
});

describe('a frame of another process behind the tail', () => {
  it('that came since the log was caught up with is not written over', () => {
    const tail = a.log.catchUp();
    commitBeside(b, 'beside');
    expect(() => append(a.log, tail, 'late')).toThrow(WrittenBeside);
    expect(values(a)).toEqual(['first', 'beside']);
  });

  it('makes the writer take the lock again, and judge anew', async () => {
    let attempts = 0;
    await a.queue.alone((log) => {
      const tail = log.catchUp();
      if (++attempts < 3) commitBeside(b, `beside ${attempts}`);
      append(log, tail, 'in the end');
    });
    await a.set('last');
    const all = ['first', 'beside 1', 'beside 2', 'in the end', 'last'];
    for (const each of [a, b, SimulatedProcess.open(machine)]) expect(values(each)).toEqual(all);
  });

  it('in the file that this one goes on in makes it judge anew, too', async () => {
    await a.set('x'.repeat(50_000));
    // What the old file has behind its seal is cut off when others may be in the new one already.
    onceBefore(a, 'truncate', () => {
      commitBeside(b, 'beside');
    });
    const { firstSeq } = await a.set('y'.repeat(50_000));
    expect(firstSeq).toBe(4);
    for (const each of [a, b, SimulatedProcess.open(machine)]) {
      expect(values(each).map((value) => value[0])).toEqual(['f', 'x', 'b', 'y']);
    }
  });

  it('on and on ends as busy, with nothing written', async () => {
    let attempts = 0;
    const writing = a.queue.alone((log) => {
      const tail = log.catchUp();
      commitBeside(b, `beside ${++attempts}`);
      append(log, tail, 'never');
    });
    const error = await expectRefusal('ERR_TIMEKV_BUSY', () => writing);
    expect(error.message).toContain('copy the files of a store');
    expect(attempts).toBe(20);
    expect(values(a)).not.toContain('never');
  });

  it('is no torn tail to be cut', () => {
    a.log.catchUp();
    const { file } = a.log.active;
    const { offset } = a.log.active.committed();
    // What is read first is half a write; by the time of the cut it is whole and published.
    const half = Buffer.from('TVKF half a frame');
    file.rewrite(half, offset);
    let reads = 0;
    a.fileSystem.before = (name, path) => {
      // The first two see that the last frame known is there still; the third is that of a header.
      if (name !== 'read' || !path.endsWith('.wal') || ++reads !== 4) return;
      a.fileSystem.before = undefined;
      b.log.active.file.rewrite(Buffer.alloc(half.length), offset);
      commitBeside(b, 'whole by now');
    };
    expect(() => a.log.catchUp()).toThrow(WrittenBeside);
    expect(values(SimulatedProcess.open(machine))).toEqual(['first', 'whole by now']);
  });
});

describe('a frame of another process right before the write', () => {
  it('that was committed is told as damage, and the late frame is believed by nobody', async () => {
    onceBefore(a, 'write', () => {
      commitBeside(b, 'committed');
    });
    const error = await expectRefusal('ERR_TIMEKV_DAMAGED', () => a.set('late'));
    expect(error.message).toContain('the write lock was lost');
    expect(() => values(SimulatedProcess.open(machine))).toThrow('cannot be read');
  });

  it('is told as damage too where a third one has gone on behind the late frame', async () => {
    onceBefore(a, 'write', () => {
      commitBeside(b, 'committed');
      onceBefore(
        a,
        'read',
        () => {
          commitBeside(SimulatedProcess.open(machine), 'behind the late one');
        },
        '.end',
      );
    });
    await expectRefusal('ERR_TIMEKV_DAMAGED', () => a.set('late'));
    const later = SimulatedProcess.open(machine);
    expect(values(later)).toEqual(['first', 'behind the late one']);
    expect(later.log.holes()).toMatchObject([{ seqMax: 2 }]);
  });

  it('that was not committed yet is noticed by its own writer, who forgets it', async () => {
    let beside: Appended | undefined;
    onceBefore(a, 'write', () => {
      beside = append(b.log, b.log.catchUp(), 'never acknowledged');
    });
    await a.set('written over it');
    const { generation, place } = beside!;
    expect(generation.stillHas(place!)).toBe(false);
    expect(values(b)).toEqual(['first', 'written over it']);
  });
});

it('a frame that another process has gone on behind, and published, is as good as any', async () => {
  onceBefore(a, 'write', () => {
    a.fileSystem.before = (name, path) => {
      if (name !== 'read' || !path.endsWith('.end')) return;
      a.fileSystem.before = undefined;
      commitBeside(b, 'behind it');
    };
  });
  await a.set('written');
  for (const each of [a, b, SimulatedProcess.open(machine)]) {
    expect(values(each)).toEqual(['first', 'written', 'behind it']);
  }
});

describe('where the look after a write fails', () => {
  /** Lets the first read of the register after the next write to the log fail. */
  function failLook(): void {
    onceBefore(a, 'write', () => {
      a.fileSystem.before = (name, path) => {
        if (name !== 'read' || !path.endsWith('.end')) return;
        a.fileSystem.before = undefined;
        throw systemError('EIO');
      };
    });
  }

  it('nobody knows whether the frame is there, and it may come to be committed', async () => {
    failLook();
    await expectRefusal('ERR_TIMEKV_OUTCOME_UNKNOWN', () => a.set('second'));
    expect(values(a)).toEqual(['first']);
    await a.set('third');
    for (const each of [a, b]) expect(values(each)).toEqual(['first', 'second', 'third']);
  });

  it('the file that a seal names stays', async () => {
    onceBefore(a, 'write', failLook); // The first write is that of the new file.
    await expect(a.rotate()).rejects.toThrow('EIO');
    await b.set('second');
    await a.set('third');
    for (const each of [a, b]) expect(values(each)).toEqual(['first', 'second', 'third']);
  });
});

describe('a frame that another process writes over', () => {
  for (const call of ['syncData', 'syncDataAsync']) {
    it(`before its ${call} is over is not acknowledged, and does not answer reads`, async () => {
      const tail = b.log.catchUp();
      onceBefore(a, call, () => {
        const { file } = a.log.active;
        file.rewrite(Buffer.alloc(frameBytes(64)), tail.offset);
        commitBeside(b, 'over it');
      });
      const writes = call === 'syncData' ? ['lost'] : ['lost', 'lost too'];
      const writing = writes.map((value) =>
        expectRefusal('ERR_TIMEKV_OUTCOME_UNKNOWN', () => a.set(value)),
      );
      await settleDown();
      a.letThrough();
      const errors = await Promise.all(writing);
      expect(errors[0]?.message).toContain('wrote over a frame');
      for (const each of [a, b, SimulatedProcess.open(machine)]) {
        expect(values(each)).toEqual(['first', 'over it']);
      }
      await a.set('next');
      expect(values(b)).toEqual(['first', 'over it', 'next']);
    });
  }

  it('right before it is published is not acknowledged', async () => {
    const tail = b.log.catchUp();
    const over = (): void => {
      a.log.active.file.rewrite(Buffer.alloc(frameBytes(64)), tail.offset);
      commitBeside(b, 'over it');
    };
    onceBefore(a, 'write', over, '.end');
    const error = await expectRefusal('ERR_TIMEKV_OUTCOME_UNKNOWN', () => a.set('lost'));
    expect(error.message).toContain('wrote over a frame');
    for (const each of [a, b, SimulatedProcess.open(machine)]) {
      expect(values(each)).toEqual(['first', 'over it']);
    }
  });

  it('is missed by the next one, which is chained to it', async () => {
    const { place } = append(b.log, b.log.catchUp(), 'overwritten');
    const end = b.log.catchUp().offset;
    expect(place!.offset).toBeLessThan(end);
    onceBefore(a, 'syncData', () => {
      b.log.active.file.rewrite(Buffer.alloc(8), end - 8); // What the longer frame of another leaves.
    });
    await expectRefusal('ERR_TIMEKV_OUTCOME_UNKNOWN', () => a.set('behind it'));
  });

  it('is found missing where it is a seal, and the log goes on in no file that it named', async () => {
    const tail = a.log.catchUp();
    onceBefore(a, 'syncData', () => {
      // The first such call is that of the new file; the second that of the seal.
      onceBefore(a, 'syncData', () => {
        b.log.active.file.rewrite(Buffer.alloc(96), tail.offset);
        commitBeside(b, 'over the seal');
      });
    });
    await a.rotate();
    await a.set('last');
    for (const each of [a, b, SimulatedProcess.open(machine)]) {
      expect(values(each)).toEqual(['first', 'over the seal', 'last']);
    }
  });
});
