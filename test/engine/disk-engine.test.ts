import { cpSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.js';
import { KernelLock } from '../../src/catalog/lock.js';
import { writeLockPath } from '../../src/disk/names.js';
import type { DiskEngine } from '../../src/engine/disk-engine.js';
import { entriesOf, fillLog, get, openEngine, put } from '../support/engines.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { type Call, faultyFileSystem } from '../support/faulty-file-system.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const otherBoot = { bootId: 'ab'.repeat(16) };
const files = (directory: string, folder: string) => readdirSync(join(directory, folder)).sort();
const isWal = ({ path }: Call) => path.endsWith('.wal');

async function withEngine(
  directory: string,
  action: (engine: DiskEngine) => Promise<void>,
): Promise<void> {
  const engine = await openEngine(directory);
  try {
    await action(engine);
  } finally {
    await engine.close();
  }
}

describe('many things at once in one process', () => {
  it('do not get in each other’s way', async () => {
    const directory = temporaryDirectory();
    const [one, other] = [await openEngine(directory), await openEngine(directory)];
    await one.create();
    const jobs: Promise<unknown>[] = [];
    for (let round = 0; round < 5; round++) {
      for (const engine of [one, other]) {
        jobs.push(put(engine, 'k', String(round)), engine.checkpoint(), put(engine, 'l', 'x'));
        jobs.push(engine.compact({ full: round % 2 === 0, isDeflated: true }), engine.checkpoint());
      }
    }
    await Promise.all(jobs);
    for (const engine of [one, other]) {
      expect(entriesOf(engine)).toHaveLength(20);
      expect(get(engine, 'k')).toBe('4');
      await engine.close();
    }
    await withEngine(directory, async (again) => {
      expect(entriesOf(again)).toHaveLength(20);
      await put(again, 'k', 'last');
      expect(again.stats().seq).toBe(21);
    });
  });

  it('do not keep a checkpoint waiting for ever', async () => {
    const engine = await openEngine(temporaryDirectory());
    const done = new AbortController();
    const writers = Array.from({ length: 3 }, async () => {
      while (!done.signal.aborted) await put(engine, 'k', 'v');
    });
    await put(engine, 'k', 'v');
    await engine.checkpoint();
    await engine.compact({ full: false, isDeflated: true });
    done.abort();
    await Promise.all(writers);
    expect(engine.stats().segments.count).toBeGreaterThan(0);
    await engine.close();
  });

  it('are all answered before it closes', async () => {
    const directory = temporaryDirectory();
    const engine = await openEngine(directory);
    const writes = Promise.all([put(engine, 'a', '1'), put(engine, 'b', '2')]);
    await engine.close();
    await writes;
    await withEngine(directory, async (again) => {
      expect(entriesOf(again)).toEqual(['a=1', 'b=2']);
      await Promise.resolve();
    });
  });
});

describe('two engines over one directory', () => {
  it('see what the other commits, flushes and merges', async () => {
    const directory = temporaryDirectory();
    const [one, other] = [await openEngine(directory), await openEngine(directory)];
    const expected: string[] = [];
    for (let round = 0; round < 8; round++) {
      for (const [engine, reader] of [
        [one, other],
        [other, one],
      ] as const) {
        await put(engine, `k${round}`, String(expected.length));
        expected.push(`k${round}=${expected.length}`);
        expect(get(reader, `k${round}`)).toBe(String(expected.length - 1));
        if (round % 2 === 1) await engine.checkpoint();
        if (round % 4 === 3) await engine.compact({ full: true, isDeflated: true });
        expect(entriesOf(reader)).toEqual(expected);
      }
    }
    await one.close();
    await other.close();
  });

  it('find a store that the other has made, and refuse it each time if its unit is another', async () => {
    const directory = temporaryDirectory();
    const ticks = await openEngine(directory, {}, { unit: 'tick' });
    const other = await openEngine(directory);
    await put(other, 'k', 'v');
    for (let attempt = 0; attempt < 2; attempt++) {
      await expectRefusal('ERR_TIMEKV_EXISTS', () => put(ticks, 'k', 'v', { at: 1 }));
      await expectRefusal('ERR_TIMEKV_EXISTS', () => get(ticks, 'k'));
    }
    expect(entriesOf(other)).toEqual(['k=v']);
    await ticks.close();
    await other.close();
  });
});

describe('after a restart of the system', () => {
  it('the first opening settles, and the next has nothing to wait for', async () => {
    const directory = temporaryDirectory();
    await withEngine(directory, async (engine) => {
      await put(engine, 'a', '1');
      await put(engine, 'b', '2');
    });
    const [end] = files(directory, 'wal').filter((name) => name.endsWith('.end'));
    const register = join(directory, 'wal', end ?? '');
    const { size } = statSync(register);
    expect(size).toBe(3);
    writeFileSync(register, '\u0001'); // What a power cut does to a register.
    const settled = await openEngine(directory, otherBoot);
    expect(entriesOf(settled)).toEqual(['a=1', 'b=2']);
    // Somebody holds the write lock: no later opening is kept from reading.
    const lock = KernelLock.open(writeLockPath(directory), 1000);
    expect(lock.tryAcquire()).toBe(true);
    const later = await openEngine(directory, otherBoot, { busyTimeoutMs: 0 });
    expect(entriesOf(later)).toEqual(['a=1', 'b=2']);
    await later.close();
    lock.close();
    await settled.close();
  });

  it('a reader that cannot write sees everything, and changes nothing', async () => {
    const directory = temporaryDirectory();
    await withEngine(directory, async (engine) => {
      await put(engine, 'a', '1');
    });
    const [end] = files(directory, 'wal').filter((name) => name.endsWith('.end'));
    writeFileSync(join(directory, 'wal', end ?? ''), '\u0001');
    const fileSystem = faultyFileSystem(directory);
    const reader = await openEngine(directory, { ...otherBoot, fileSystem }, { readOnly: true });
    expect(entriesOf(reader)).toEqual(['a=1']);
    await reader.close();
    const names = new Set(fileSystem.calls.map(({ name }) => name));
    for (const name of ['write', 'create', 'truncate', 'remove', 'syncData'] as const) {
      expect(names.has(name)).toBe(false);
    }
  });
});

describe('what fails', () => {
  it('poisons the handle that saw a sync fail, and opening again mends it', async () => {
    const directory = temporaryDirectory();
    const fileSystem = faultyFileSystem(directory);
    const engine = await openEngine(directory, { fileSystem });
    await put(engine, 'a', '1');
    fileSystem.failNth(1, (call) => call.name === 'syncData' && isWal(call), 'EIO');
    await expectRefusal('ERR_TIMEKV_OUTCOME_UNKNOWN', () => put(engine, 'b', '2'));
    await expectRefusal('ERR_TIMEKV_POISONED', () => put(engine, 'c', '3'));
    await expectRefusal('ERR_TIMEKV_POISONED', () => engine.checkpoint());
    expect(entriesOf(engine)).toEqual(['a=1']);
    // Also while the poisoned handle is still open.
    const again = await openEngine(directory, { fileSystem });
    expect(entriesOf(again)).toEqual(['a=1', 'b=2']);
    await put(again, 'c', '3');
    expect(entriesOf(engine)).toEqual(['a=1', 'b=2', 'c=3']);
    await engine.close();
    await again.close();
    expect(fileSystem.openFiles.size).toBe(0);
  });

  it('leaves no file open, whichever call it was', async () => {
    const original = temporaryDirectory();
    await withEngine(original, async (engine) => {
      await put(engine, 'a', '1');
      await engine.checkpoint();
      await put(engine, 'b', '2');
    });
    const matches = ({ name }: Call) => ['open', 'read', 'write', 'create'].includes(name);
    for (let nth = 1, hasFailed = true; hasFailed; nth++) {
      // Each on a store of its own: what failed while the log was settled leaves more to do.
      const directory = join(temporaryDirectory(), 'store');
      cpSync(original, directory, { recursive: true });
      const fileSystem = faultyFileSystem(directory);
      fileSystem.failNth(nth, matches, 'EIO');
      try {
        const engine = await openEngine(directory, {
          fileSystem,
          bootId: String(nth).padStart(32, '0'),
        });
        try {
          expect(get(engine, 'a')).toBe('1');
          expect(entriesOf(engine)).toEqual(['a=1', 'b=2']);
        } finally {
          await engine.close();
        }
      } catch (error) {
        expect(String(error)).toContain('EIO');
      }
      hasFailed = fileSystem.calls.filter(matches).length >= nth;
      expect([...fileSystem.openFiles.values()], `call ${nth}`).toEqual([]);
    }
  });

  it('of a flush or merge leaves nothing that is not swept by the next one', async () => {
    const directory = temporaryDirectory();
    const engine = await openEngine(directory);
    const update = vi.spyOn(Catalog.prototype, 'update');
    for (let attempt = 0; attempt < 3; attempt++) {
      await put(engine, 'k', String(attempt));
      update.mockImplementationOnce(() => {
        throw Object.assign(new Error('the disk is full'), { code: 'SQLITE_FULL' });
      });
      await expect(engine.checkpoint()).rejects.toThrow('full');
    }
    update.mockRestore();
    await engine.checkpoint();
    expect(files(directory, 'segments')).toHaveLength(1);
    expect(entriesOf(engine)).toEqual(['k=0', 'k=1', 'k=2']);
    await engine.close();
  });
});

describe('files that nobody lists', () => {
  it('are swept by whoever does maintenance; others stay', async () => {
    const directory = temporaryDirectory();
    await withEngine(directory, async (engine) => {
      await put(engine, 'k', 'v');
      await engine.checkpoint();
      await put(engine, 'k', 'w');
    });
    const before = [...files(directory, 'segments'), ...files(directory, 'wal')];
    const orphans = [
      `segments/${'0'.repeat(32)}.seg`,
      `wal/00000001-${'0'.repeat(16)}.wal`,
      `wal/00000001-${'0'.repeat(16)}.end`,
      `wal/00000002-${'0'.repeat(16)}.wal`,
    ];
    // One that a rotation may be about to seal to, and one that is none of ours.
    const others = [`wal/00000004-${'0'.repeat(16)}.wal`, 'segments/README'];
    for (const name of [...orphans, ...others]) writeFileSync(join(directory, name), 'x');
    await withEngine(directory, async (engine) => {
      await engine.checkpoint();
      expect(entriesOf(engine)).toEqual(['k=v', 'k=w']);
    });
    const after = [...files(directory, 'segments'), ...files(directory, 'wal')];
    for (const name of orphans) expect(after).not.toContain(name.split('/')[1]);
    for (const name of others) expect(after).toContain(name.split('/')[1]);
    for (const name of before) expect(after).toContain(name);
  });

  it('that a rotation was about to use are no trouble for the next', async () => {
    const directory = temporaryDirectory();
    const fileSystem = faultyFileSystem(directory);
    const engine = await openEngine(directory, { fileSystem });
    await put(engine, 'k', 'v');
    fileSystem.failAll((call) => call.name === 'syncData' && isWal(call), 'EIO');
    fileSystem.failAll(({ name }) => name === 'remove', 'EIO');
    await expect(engine.checkpoint()).rejects.toThrow('EIO');
    fileSystem.mend();
    await engine.close();
    await withEngine(directory, async (again) => {
      for (const prefix of ['a', 'b']) await fillLog(again, prefix);
      await again.checkpoint();
      expect(entriesOf(again)).toHaveLength(11);
    });
    const wals = files(directory, 'wal').map((name) => name.slice(0, 8));
    for (const generation of new Set(wals)) {
      expect(wals.filter((each) => each === generation)).toHaveLength(2);
    }
  });

  it('from an interrupted creation are replaced', async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'wal'));
    writeFileSync(join(directory, 'wal', `00000001-${'0'.repeat(16)}.wal`), 'half made');
    writeFileSync(join(directory, 'catalog.db'), '');
    await withEngine(directory, async (engine) => {
      await put(engine, 'k', 'v');
      expect(entriesOf(engine)).toEqual(['k=v']);
    });
    expect(files(directory, 'wal')).toHaveLength(2);
  });
});
