/** A writer that has lost the write lock without a word: POSIX drops it when any descriptor is closed. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Appended, Log } from '../../src/engine/log.js';
import { WrittenBeside } from '../../src/engine/fence.js';
import { frameBytes, FrameDurability, frameHeaderBytes } from '../../src/wal/format.js';
import type { Tail } from '../../src/wal/wal-file.js';
import { Memtable } from '../../src/engine/memtable.js';
import { Slices } from '../../src/base/slices.js';
import { walDirectory } from '../../src/disk/names.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { systemError } from '../support/simulated-disk.js';
import { Machine, settleDown, SimulatedProcess } from '../support/simulated-processes.js';
import { payloadOf } from '../support/wal-files.js';

const { full } = FrameDurability;

let machine: Machine;
let a: SimulatedProcess;
let b: SimulatedProcess;

beforeEach(async () => {
  machine = new Machine();
  a = SimulatedProcess.open(machine);
  b = SimulatedProcess.open(machine);
  await a.set('first');
});

function append(log: Log, tail: Tail, value: string): Appended {
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
function commitBeside({ log }: SimulatedProcess, value: string): void {
  const { generation, ordinal } = append(log, log.catchUp(), value);
  generation.file.syncData();
  generation.file.publish(ordinal, full);
}

/** Commits in the place of what lies behind the tail, as a process does that looked before it lay there. */
function writeOver({ log }: SimulatedProcess, tail: Tail, value: string): void {
  log.active.file.rewrite(Buffer.alloc(8), tail.offset);
  const { generation, ordinal } = append(log, tail, value);
  generation.file.syncData();
  generation.file.publish(ordinal, full);
}

const values = (process: SimulatedProcess) => [...process.read().values()];

/** Does something once, right before a process does this to the log, or to its register. */
function onceBefore(
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
