import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { walFillBytes } from '../../src/base/limits.js';
import { nodeFileSystem } from '../../src/disk/file-system.js';
import { endPath, walDirectory, walPath } from '../../src/disk/names.js';
import { fileHeaderBytes, FrameDurability } from '../../src/wal/format.js';
import { WalFile } from '../../src/wal/wal-file.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { systemError } from '../support/simulated-disk.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { fileHeader, frameAfter, makeWal, name, payloadOf, storeId } from '../support/wal-files.js';

const { full, process } = FrameDurability;

describe('a new pair of files', () => {
  it('is empty, zero-filled ahead, and synced', () => {
    const { disk, fileSystem, file } = makeWal();
    expect(file.header).toEqual(fileHeader);
    expect(file.start).toMatchObject({
      offset: fileHeaderBytes,
      ordinal: 0,
      seq: 40,
      lastNow: 1234,
    });
    expect(file.size()).toBe(walFillBytes);
    expect(file.committedFrames()).toBe(0);
    for (const path of ['wal', 'end']) {
      const inode = disk.inode(walPath('/store', name).replace(/wal$/, path));
      expect(inode.durable).toEqual(inode.bytes);
    }
    expect(() => {
      WalFile.create(fileSystem, fileSystem.root, name, fileHeader);
    }).toThrow('EEXIST');
  });

  it('for many frames has its register apart, so that no sync of the log writes it too', () => {
    const directory = temporaryDirectory();
    nodeFileSystem.makeDirectory(walDirectory(directory));
    // Files that follow one another share a block of inodes fifteen times in sixteen.
    for (let generation = 1; generation <= 8; generation++) {
      const wal = { ...name, generation };
      WalFile.create(nodeFileSystem, directory, wal, { ...fileHeader, generation }, true);
      const [log, register] = [walPath(directory, wal), endPath(directory, wal)].map(
        (path) => statSync(path).ino - 1,
      );
      expect(Math.floor(Number(register) / 16)).not.toBe(Math.floor(Number(log) / 16));
    }
  });

  it.each([
    ['of another store', { storeId: 'ff'.repeat(16) }, name],
    ['of another generation', {}, { ...name, generation: 4 }],
  ])('%s is damage, and nothing stays open', async (_, header, as) => {
    const { fileSystem } = makeWal();
    const { root } = fileSystem;
    const other = { ...as, suffix: 'aaaaaaaaaaaaaaaa' };
    WalFile.create(fileSystem, root, other, { ...fileHeader, ...header });
    const before = fileSystem.openFiles;
    await expectRefusal('ERR_TIMEKV_DAMAGED', () =>
      WalFile.open(fileSystem, root, other, { storeId, access: 'readWrite' }),
    );
    expect(fileSystem.openFiles).toBe(before);
  });

  it('without its register is missing, and nothing stays open', () => {
    const { fileSystem, reopen } = makeWal();
    fileSystem.remove(endPath(fileSystem.root, name));
    const before = fileSystem.openFiles;
    expect(reopen).toThrow('ENOENT');
    expect(fileSystem.openFiles).toBe(before);
  });
});

describe('the end register', () => {
  it('never goes back, in whichever order frames are published', () => {
    const { file, reopen } = makeWal();
    const other = reopen();
    file.publish(3, full);
    expect(other.committedFrames()).toBe(3);
    other.publish(1, full);
    file.publish(2, full);
    expect(file.committedFrames()).toBe(3);
    expect(other.committedFrames()).toBe(3);
    other.publish(4000, full);
    expect(file.committedFrames()).toBe(4000);
    expect(reopen().committedFrames()).toBe(4000);
  });

  it('refuses to publish what is no frame', () => {
    const { file } = makeWal();
    expect(() => {
      file.publish(0, full);
    }).toThrow(RangeError);
    expect(file.committedFrames()).toBe(0);
  });

  it('tells up to where a sync is known to have reached', () => {
    const { file, reopen } = makeWal();
    const steps: [ordinal: number, durability: 0 | 1, durable: number][] = [
      [1, process, 0],
      [2, full, 2],
      [3, process, 2],
      [5, process, 2],
      [6, full, 6],
    ];
    for (const [ordinal, durability, durable] of steps) {
      file.publish(ordinal, durability);
      expect(file.committedFrames()).toBe(ordinal);
      expect(file.durableFrames).toBe(durable);
      const other = reopen();
      other.committedFrames();
      expect(other.durableFrames).toBe(durable);
    }
  });

  it('takes publications back only when told, and others count anew', () => {
    const { file, reopen } = makeWal();
    const other = reopen();
    file.publish(1, full);
    file.publish(5, process);
    expect(other.committedFrames()).toBe(5);
    file.unpublishAfter(2);
    expect(file.committedFrames()).toBe(2);
    expect(file.durableFrames).toBe(1);
    expect(other.recountCommittedFrames()).toBe(2);
    file.publish(3, full);
    expect(other.committedFrames()).toBe(3);
  });

  it('that is empty is damage', async () => {
    const { disk, file } = makeWal();
    disk.inode(endPath('/store', name)).resize(0);
    await expectRefusal('ERR_TIMEKV_DAMAGED', () => file.committedFrames());
  });
});

describe('an append', () => {
  const room = Buffer.alloc(2 * walFillBytes, 9);

  it('writes once, and zeros ahead only where the file ends', () => {
    const { fileSystem, file } = makeWal();
    const writes: number[] = [];
    fileSystem.before = (call, _, bytes) => {
      if (call === 'write') writes.push(bytes?.length ?? 0);
    };
    let { start: tail } = file;
    for (const length of [10, walFillBytes, 10]) {
      const { frame, tail: after } = frameAfter(file, tail, payloadOf(Buffer.alloc(length, 1)));
      file.append(Buffer.concat([frame, room]), frame.length, tail.offset);
      tail = after;
      expect(file.size() % walFillBytes).toBe(0);
    }
    expect(writes).toHaveLength(3);
    const behind = Buffer.alloc(file.size() - tail.offset, 1);
    file.read(behind, behind.length, tail.offset);
    expect(behind.every((byte) => byte === 0)).toBe(true);
  });

  it.each([0, 1, 90, 150])('that fails after %i bytes leaves nothing behind', (written) => {
    const { fileSystem, file } = makeWal();
    const { frame } = frameAfter(file, file.start, payloadOf('x'.repeat(100)));
    fileSystem.before = (call) => {
      if (call === 'write') throw Object.assign(systemError('ENOSPC'), { written });
    };
    expect(() => {
      file.append(frame, frame.length, file.start.offset);
    }).toThrow('ENOSPC');
    expect(file.size()).toBe(file.start.offset);
    expect(file.isSound).toBe(true);
    file.requireSound();
  });

  it('that cannot even be undone says so, and ends writing', async () => {
    const { fileSystem, file, reopen } = makeWal();
    const { frame } = frameAfter(file, file.start, payloadOf('x'));
    fileSystem.before = (call) => {
      if (call === 'write' || call === 'truncate') throw systemError('EIO');
    };
    await expectRefusal('ERR_TIMEKV_OUTCOME_UNKNOWN', () => {
      file.append(frame, frame.length, file.start.offset);
    });
    expect(file.isSound).toBe(false);
    const error = await expectRefusal('ERR_TIMEKV_POISONED', () => {
      file.requireSound();
    });
    expect(error.file).toBe(file.path);
    expect(reopen().isUnsettled).toBe(true);
  });
});

describe('a failed sync', () => {
  it.each(['syncData', 'syncDataAsync'] as const)('(%s) is never tried again', async (call) => {
    const { fileSystem, file, reopen } = makeWal();
    const other = reopen();
    let calls = 0;
    fileSystem.before = (made) => {
      if (!made.startsWith('syncData')) return;
      if (++calls === 1) throw systemError('EIO');
    };
    await expect((async () => file[call](0))()).rejects.toThrow('EIO');
    await expectRefusal('ERR_TIMEKV_POISONED', () => {
      file.syncData();
    });
    await expectRefusal('ERR_TIMEKV_POISONED', () => file.syncDataAsync(0));
    expect(calls).toBe(1);
    // Another descriptor is asked for itself, and whoever opens the file next has to settle it.
    expect(other.isSound).toBe(true);
    other.syncData();
    expect(reopen().isUnsettled).toBe(true);
    other.settled();
    expect(reopen().isUnsettled).toBe(false);
  });
});

describe('closing', () => {
  it('gives back both descriptors, once', () => {
    const { fileSystem, file } = makeWal();
    expect(fileSystem.openFiles).toBe(2);
    file.close();
    file.close();
    expect(fileSystem.openFiles).toBe(0);
  });
});
