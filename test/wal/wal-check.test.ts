/** Checking a WAL file and its end register. */
import { describe, expect, it } from 'vitest';
import { Slices } from '../../src/base/slices.js';
import { endPath, walPath } from '../../src/disk/names.js';
import { checkWal, type WalCheck } from '../../src/wal/wal-check.js';
import { FrameDurability } from '../../src/wal/format.js';
import type { Tail } from '../../src/wal/wal-file.js';
import {
  appendValues,
  frameAfter,
  makeWal,
  name,
  payloadOf,
  storeId,
  type MadeWal,
} from '../support/wal-files.js';

const bootId = 'b'.repeat(32);

interface Filled extends MadeWal {
  tails: Tail[];
}

/** A log of four frames, all published. */
function filled(): Filled {
  const made = makeWal({ bootId });
  const tails = appendValues(made.file, made.file.start, ['one', 'two', 'three', 'four']);
  for (let frame = 1; frame <= 4; frame++) made.file.publish(frame, FrameDurability.full);
  return { ...made, tails };
}

function check({ fileSystem }: MadeWal, boot = bootId): Promise<WalCheck> {
  const { root } = fileSystem;
  const place = { path: walPath(root, name), registerPath: endPath(root, name), bootId: boot };
  const expected = { storeId, generation: name.generation, isKept: false };
  return checkWal({ fileSystem, ...place }, expected, new Slices());
}

function change({ disk }: MadeWal, what: 'wal' | 'end', offset: number, xor = 0x10) {
  const path = what === 'wal' ? walPath('/store', name) : endPath('/store', name);
  disk.inode(path).write(Buffer.from([(disk.inode(path).bytes[offset] ?? 0) ^ xor]), offset);
}

describe('a log that is checked', () => {
  it('has nothing wrong with it', async () => {
    const log = filled();
    const { damages, entries, end, frames } = await check(log);
    expect({ damages, entries, end, frames }).toEqual({
      damages: [],
      entries: 4,
      end: log.tails.at(-1),
      frames: 4,
    });
  });

  it('is damaged if any byte of its header or frames is another', async () => {
    const log = filled();
    const end = log.tails.at(-1)?.offset ?? 0;
    for (let offset = 0; offset < end; offset++) {
      change(log, 'wal', offset);
      const { damages } = await check(log);
      if (damages.length === 0) throw new Error(`byte ${offset} was not missed`);
      change(log, 'wal', offset);
    }
  });

  it('names a frame in its middle with its place and seqs, and reads on behind it', async () => {
    const log = filled();
    change(log, 'wal', (log.tails[1]?.offset ?? 0) + 80);
    const { damages, entries, end } = await check(log);
    expect(damages).toEqual([
      {
        file: log.file.path,
        offset: log.tails[1]?.offset,
        what: 'frame 2 cannot be read',
        lost: 'seq 42, of any key',
      },
    ]);
    expect({ entries, seq: end?.seq }).toEqual({ entries: 3, seq: 44 });
  });

  it('names committed frames that its end has lost, but not after a power cut that may', async () => {
    const log = filled();
    change(log, 'wal', (log.tails[3]?.offset ?? 0) + 80);
    const { damages, end } = await check(log);
    expect(damages).toMatchObject([
      { offset: log.tails[3]?.offset, what: 'frame 4 at its end cannot be read' },
    ]);
    expect(end).toBeUndefined();
    log.disk.inode(endPath('/store', name)).resize(4);
    expect((await check(log, 'c'.repeat(32))).damages).toEqual([]);
  });

  it('believes a frame of which only the end is damaged, as readers do', async () => {
    const log = filled();
    log.disk.inode(endPath('/store', name)).resize(1);
    const third = log.tails[3] ?? log.file.start;
    const { frame } = frameAfter(log.file, third, payloadOf('four'), { durable: 3 });
    log.disk.inode(walPath('/store', name)).write(frame.fill(0xff, frame.length - 4), third.offset);
    expect((await check(log, 'c'.repeat(32))).damages).toEqual([]);
    change(log, 'wal', (log.tails[2]?.offset ?? 0) + 80);
    const { damages } = await check(log, 'c'.repeat(32));
    expect(damages).toMatchObject([
      { offset: log.tails[2]?.offset, what: 'frame 3 cannot be read' },
    ]);
  });

  it('takes what was never committed for a torn tail', async () => {
    const log = filled();
    log.disk.inode(endPath('/store', name)).resize(4);
    change(log, 'wal', (log.tails[3]?.offset ?? 0) + 80);
    const { damages, entries, end } = await check(log);
    expect({ damages, entries, end }).toEqual({ damages: [], entries: 3, end: log.tails[3] });
  });

  it('misses its register, or a part of it', async () => {
    const register = endPath('/store', name);
    const told = async (log: Filled) => (await check(log)).damages.map(({ what }) => what);
    const gone = filled();
    gone.fileSystem.remove(endPath(gone.fileSystem.root, name));
    expect(await told(gone)).toEqual(['the file is missing']);
    const empty = filled();
    empty.disk.inode(register).resize(0);
    expect(await told(empty)).toEqual(['the end register is empty']);
    const strange = filled();
    change(strange, 'end', 2, 0x40);
    expect(await told(strange)).toEqual(['a byte has no meaning']);
  });
});
