/** Following a store whose files are flushed, merged and removed by others meanwhile. */
import { describe, expect, it, vi } from 'vitest';
import { rmSync } from 'node:fs';
import { nextTurn } from '../../src/base/clock.js';
import { MiB, timestampMax } from '../../src/base/limits.js';
import type { FileSystem } from '../../src/disk/file-system.js';
import { endPath, segmentPath, walPath } from '../../src/disk/names.js';
import { type Environment, systemEnvironment } from '../../src/engine/environment.js';
import { LiveFiles } from '../../src/engine/live-files.js';
import { WalFile } from '../../src/wal/wal-file.js';
import { countingFileSystem } from '../support/counting-file-system.js';
import { get, openEngine, put } from '../support/engines.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { faultyFileSystem } from '../support/faulty-file-system.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

function openFiles(
  directory: string,
  fileSystem: FileSystem = faultyFileSystem(directory),
  parts: Partial<Environment> = {},
): LiveFiles {
  const files = LiveFiles.open({
    environment: { ...systemEnvironment(), fileSystem, ...parts },
    directory,
    isReadOnly: true,
    memoryBytes: 8 * MiB,
    busyTimeoutMs: 1000,
    snapshot: undefined,
  });
  if (files === undefined) throw new Error('there is no store');
  return files;
}

const find = (files: LiveFiles, key: string) =>
  files.find(Buffer.from(key), timestampMax)?.value.toString();

describe('a reader that comes too late', () => {
  it('for a log that was flushed and removed reads the catalog again', async () => {
    const directory = temporaryDirectory();
    const writer = await openEngine(directory);
    await put(writer, 'a', '1');
    const files = openFiles(directory);
    expect(find(files, 'a')).toBe('1');
    for (let round = 0; round < 3; round++) {
      await put(writer, `b${round}`, String(round));
      await writer.checkpoint();
    }
    // The logs that were kept for a while are gone too.
    const { wals } = openFiles(directory).manifest;
    for (const row of wals.filter(({ state }) => state === 'kept')) {
      rmSync(walPath(directory, row));
      rmSync(endPath(directory, row));
    }
    expect([0, 1, 2].map((round) => find(files, `b${round}`))).toEqual(['0', '1', '2']);
    expect(find(files, 'a')).toBe('1');
    files.close();
    await writer.close();
  });

  it('again, while it was reading the catalog, misses nothing of what was flushed', async () => {
    const directory = temporaryDirectory();
    const writer = await openEngine(directory);
    await put(writer, 'a', '1');
    const files = openFiles(directory);
    await writer.checkpoint();
    const between = files.catalog.load();
    await put(writer, 'b', '2');
    await writer.checkpoint();
    const log = between.wals.find(({ state }) => state === 'live')!;
    rmSync(walPath(directory, log));
    rmSync(endPath(directory, log));
    // It reads the catalog, and before it opens the log that stands there, that one is flushed.
    vi.spyOn(files.catalog, 'load').mockReturnValueOnce(between);
    files.reload();
    expect(find(files, 'b')).toBe('2');
    expect(find(files, 'a')).toBe('1');
    files.close();
    await writer.close();
  });

  it('for a segment that was merged away reads the catalog again', async () => {
    const directory = temporaryDirectory();
    const writer = await openEngine(directory);
    for (const key of ['a', 'b']) {
      await put(writer, key, key);
      await writer.checkpoint();
    }
    const files = openFiles(directory);
    const held = files.hold({ from: undefined, to: undefined });
    await writer.compact({ full: true, isDeflated: true });
    expect(['a', 'b'].map((key) => find(files, key))).toEqual(['a', 'b']);
    // What was held before goes on over the files that were there.
    const keys: string[] = [];
    for (held.cursor.first(); held.cursor.valid; held.cursor.next()) {
      keys.push(held.cursor.key.toString());
    }
    expect(keys).toEqual(['a', 'b']);
    held.view.release();
    files.close();
    await writer.close();
  });

  it('finds a file that the catalog goes on naming to be missing, and says which', async () => {
    const directory = temporaryDirectory();
    const writer = await openEngine(directory);
    await put(writer, 'a', '1');
    await writer.checkpoint();
    await writer.close();
    const files = openFiles(directory);
    const path = segmentPath(directory, files.manifest.segments[0]!.id);
    rmSync(path);
    const load = vi.spyOn(files.catalog, 'load');
    const error = await expectRefusal('ERR_TIMEKV_DAMAGED', () => find(files, 'a'));
    expect(error.file).toBe(path);
    expect(load, 'a catalog that does not change').toHaveBeenCalledTimes(2);
    expect(find(files, 'zzz'), 'out of the segment’s range').toBeUndefined();
    files.close();
  });
});

it('a log that the catalog does not name any more is left for the one that it names', async () => {
  const directory = temporaryDirectory();
  const writer = await openEngine(directory);
  await put(writer, 'a', '1');
  await writer.close();
  const files = openFiles(directory);
  const { fileSystem } = files.place.environment;
  const { header, name } = files.log.active.file;
  // Of the same number: what a process went on in that followed a seal which was written over.
  const other = { ...name, suffix: 'ffffffffffffffff' };
  WalFile.create(fileSystem, directory, other, header);
  const wals = [{ ...other, state: 'live' as const, bytes: 0 }];
  vi.spyOn(files.catalog, 'load').mockReturnValue({ ...files.manifest, wals });
  files.reload();
  expect(files.log.active.file.name).toEqual(other);
  expect(find(files, 'a')).toBeUndefined();
  files.close();
});

describe('files that were open', () => {
  it('are closed when they are not needed any more', async () => {
    const directory = temporaryDirectory();
    const fileSystem = faultyFileSystem(directory);
    const writer = await openEngine(directory);
    await put(writer, 'a', '1');
    const files = openFiles(directory, fileSystem);
    for (let round = 0; round < 4; round++) {
      await put(writer, 'a', String(round));
      await writer.checkpoint();
      await writer.compact({ full: true, isDeflated: true });
      files.reload();
      expect(find(files, 'a')).toBe(String(round));
      // The log and its register, and one segment.
      expect(fileSystem.openFiles.size).toBe(3);
    }
    expect(get(writer, 'a')).toBe('3');
    files.close();
    expect(fileSystem.openFiles.size).toBe(0);
    await writer.close();
  });
});

describe('looks that reads share', () => {
  /** A reader of one key, and how many operations of the file system so many reads of it take. */
  async function reader(parts: Partial<Environment> = {}) {
    const directory = temporaryDirectory();
    const writer = await openEngine(directory);
    await put(writer, 'a', '1');
    const fileSystem = countingFileSystem(directory);
    const files = openFiles(directory, fileSystem, parts);
    const operations = (reads: number): number => {
      const before = fileSystem.operations.length;
      for (let read = 0; read < reads; read++) find(files, 'a');
      return fileSystem.operations.length - before;
    };
    // The first read walks the log, the second builds a memtable of it.
    operations(2);
    await Promise.resolve();
    return { writer, files, operations };
  }

  it('are one for a run of code within a millisecond', async () => {
    const { writer, files, operations } = await reader();
    const hrtime = vi.spyOn(process, 'hrtime').mockReturnValue([1, 0]);
    expect(operations(5)).toBe(1);
    expect(operations(5)).toBe(0);
    hrtime.mockReturnValue([1, 1e6]);
    expect(operations(5)).toBe(1);
    await Promise.resolve();
    expect(operations(5)).toBe(1);
    files.refresh();
    expect(operations(5)).toBe(1);
    hrtime.mockRestore();
    await put(writer, 'a', '2');
    expect(find(files, 'a')).toBe('2');
    files.close();
    await writer.close();
  });

  it('are one for a turn of the event loop where a server asks for that', async () => {
    const { writer, files, operations } = await reader({ whenLookOver: setImmediate });
    await nextTurn();
    const hrtime = vi.spyOn(process, 'hrtime').mockReturnValue([1, 0]);
    expect(operations(5)).toBe(1);
    await Promise.resolve();
    expect(operations(5)).toBe(0);
    hrtime.mockReturnValue([1, 1e6]);
    expect(operations(5)).toBe(1);
    await nextTurn();
    expect(operations(5)).toBe(1);
    hrtime.mockRestore();
    files.close();
    await writer.close();
  });

  it('are over once something was committed by the same handle', async () => {
    const engine = await openEngine(temporaryDirectory(), { whenLookOver: () => undefined });
    const hrtime = vi.spyOn(process, 'hrtime').mockReturnValue([1, 0]);
    for (const value of ['1', '2', '3']) {
      await put(engine, 'a', value);
      expect(get(engine, 'a')).toBe(value);
    }
    hrtime.mockRestore();
    await engine.close();
  });
});
