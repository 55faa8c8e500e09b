import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createStore, requireLocal } from '../../src/engine/create.js';
import { systemEnvironment } from '../../src/engine/environment.js';
import { diskState } from '../support/disk-state.js';
import { entriesOf, openEngine, put } from '../support/engines.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { faultyFileSystem } from '../support/faulty-file-system.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const options = { unit: 'us', busyTimeoutMs: 5000 } as const;

describe('creating a store', () => {
  it('is done by one of several at once, and the others find it', async () => {
    const directory = join(temporaryDirectory(), 'a', 'b');
    const engines = await Promise.all(Array.from({ length: 4 }, () => openEngine(directory)));
    await Promise.all(engines.map((engine, index) => put(engine, `k${index}`, 'v')));
    for (const engine of engines) expect(entriesOf(engine)).toHaveLength(4);
    for (const engine of engines) await engine.close();
    expect(readdirSync(join(directory, 'wal'))).toHaveLength(2);
  });

  it('can fail at every call, and be done again', async () => {
    const directory = join(temporaryDirectory(), 'new', 'store');
    let nth = 0;
    for (let hasFailed = true; hasFailed;) {
      const fileSystem = faultyFileSystem(directory);
      fileSystem.failNth(++nth, () => true, 'EIO');
      try {
        await createStore({ ...systemEnvironment(), fileSystem }, directory, options);
        hasFailed = fileSystem.calls.length >= nth;
      } catch (error) {
        expect(String(error)).toContain('EIO');
      }
      expect(fileSystem.openFiles.size, `call ${nth}`).toBe(0);
    }
    expect(nth).toBeGreaterThan(15);
    const engine = await openEngine(directory);
    await put(engine, 'k', 'v');
    expect(entriesOf(engine)).toEqual(['k=v']);
    await engine.close();
    expect(readdirSync(join(directory, 'wal'))).toHaveLength(2);
  });

  it('makes what only its owner may read', async () => {
    const directory = join(temporaryDirectory(), 'new');
    await createStore(systemEnvironment(), directory, options);
    const names = ['.', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })];
    for (const name of names) {
      const status = statSync(join(directory, name));
      const mode = status.mode & 0o777;
      expect(mode, `mode of ${name}`).toBe(status.isDirectory() ? 0o700 : 0o600);
    }
  });

  it('refuses a directory with anything else in it, and touches nothing', async () => {
    const directory = temporaryDirectory();
    for (const plant of [
      () => {
        writeFileSync(join(directory, 'letter.txt'), 'dear');
      },
      () => {
        mkdirSync(join(directory, 'photos'));
      },
    ]) {
      plant();
      const before = readdirSync(directory);
      const refused = () => createStore(systemEnvironment(), directory, options);
      const error = await expectRefusal('ERR_TIMEKV_NOT_A_STORE', refused);
      expect(error.message).toMatch(/letter\.txt|photos/);
      expect(readdirSync(directory)).toEqual(before);
    }
    const file = join(directory, 'letter.txt');
    await expectRefusal('ERR_TIMEKV_NOT_A_STORE', () =>
      createStore(systemEnvironment(), file, options),
    );
  });

  it('refuses to replace the log of a store that has lost its catalog', async () => {
    const directory = join(temporaryDirectory(), 'store');
    const engine = await openEngine(directory);
    await put(engine, 'k', 'v');
    await engine.close();
    rmSync(join(directory, 'catalog.db'));
    const before = diskState(join(directory, 'wal'));
    const again = () => createStore(systemEnvironment(), directory, options);
    const error = await expectRefusal('ERR_TIMEKV_DAMAGED', again);
    expect(error.file).toBe(join(directory, 'catalog.db'));
    expect(diskState(join(directory, 'wal'))).toEqual(before);
  });

  it('follows a link to an empty directory', async () => {
    const parent = temporaryDirectory();
    mkdirSync(join(parent, 'real'));
    symlinkSync(join(parent, 'real'), join(parent, 'link'));
    await createStore(systemEnvironment(), join(parent, 'link'), options);
    expect(readdirSync(join(parent, 'real'))).toContain('catalog.db');
  });
});

describe('a network file system', () => {
  it('is refused by its name, also for a directory that is not there yet', async () => {
    const directory = join(temporaryDirectory(), 'not', 'yet');
    const fileSystem = { ...systemEnvironment().fileSystem, type: () => 0x6969 };
    const error = await expectRefusal('ERR_TIMEKV_REMOTE_FILE_SYSTEM', () => {
      requireLocal({ ...systemEnvironment(), fileSystem }, directory);
    });
    expect(error.message).toContain('NFS');
    requireLocal(systemEnvironment(), directory);
  });
});
