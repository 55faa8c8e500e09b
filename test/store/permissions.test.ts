/** Directories that this user may not read, or not write. Run by root as another user. */
import { chmodSync, readdirSync, rmSync, statSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot, start } from '../support/child.js';
import { diskState } from '../support/disk-state.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { say } from '../support/say.js';

interface Outcome {
  value?: unknown;
  error?: { name: string; code: string; message: string };
}

const nobody = { uid: 65534, gid: 65534 };
const isRoot = process.getuid?.() === 0;

/** The other user must be able to run Node and to read the repository. */
const canBeNobody =
  isRoot &&
  spawnSync(
    process.execPath,
    ['-e', `import(${JSON.stringify(join(packageRoot, 'dist/bundle/src/index.js'))})`],
    {
      ...nobody,
      cwd: '/',
    },
  ).status === 0;

if (!canBeNobody) {
  const why = isRoot ? 'another user cannot read the repository' : 'not run as root';
  say(`permissions: those of another user are skipped, ${why}`);
}

async function asNobody(directory: string, options: object, calls: unknown[][]): Promise<string[]> {
  const child = start('calls', { directory, options, calls }, { ...nobody, cwd: '/' });
  const outcomes = await child.answer<Outcome[]>();
  return outcomes.map(({ value, error }) => error?.code ?? JSON.stringify(value ?? null));
}

/** A store with one version in a segment and one in the log only. */
async function makeStore(directory: string): Promise<void> {
  const store = await openAs<string>(directory);
  await store.set('k', 'in a segment', 1);
  await store.snapshot();
  await store.set('k', 'in the log', 2);
  await store.close();
}

function changeModes(directory: string, directories: number, files: number): void {
  for (const name of ['.', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })]) {
    const path = join(directory, name);
    chmodSync(path, statSync(path).isDirectory() ? directories : files);
  }
}

describe.skipIf(!canBeNobody)('as another user', () => {
  test('a store that may not be read is refused with its reason', async () => {
    const parent = temporaryDirectory();
    chmodSync(parent, 0o755);
    const directory = join(parent, 'store');
    await makeStore(directory);
    const before = diskState(directory);
    const [opened] = await asNobody(directory, {}, []);
    expect(opened).toBe('ERR_TIMEKV_IO');
    expect(diskState(directory)).toEqual(before);
  });

  test('a lock file that may only be read locks nothing, and no write is made', async () => {
    const parent = temporaryDirectory();
    chmodSync(parent, 0o755);
    const directory = join(parent, 'store');
    await makeStore(directory);
    changeModes(directory, 0o777, 0o666);
    chmodSync(join(directory, 'write.lock'), 0o444);
    const before = diskState(directory);
    const calls = [
      ['set', 'k', 'v', 3],
      ['get', 'k', 3],
    ];
    const outcomes = await asNobody(directory, {}, calls);
    expect(outcomes).toEqual(['null', 'ERR_TIMEKV_READ_ONLY', '"in the log"']);
    expect(diskState(directory)).toEqual(before);
  });

  test('a place where nothing may be created is refused at the first write', async () => {
    const parent = temporaryDirectory();
    chmodSync(parent, 0o755);
    const calls = [
      ['get', 'k'],
      ['set', 'k', 'v'],
    ];
    const [, read, written] = await asNobody(join(parent, 'store'), {}, calls);
    expect(read).toBe('null');
    expect(['ERR_TIMEKV_IO', 'ERR_TIMEKV_READ_ONLY']).toContain(written);
    expect(diskState(parent)).toEqual({});
  });

  test.each([{}, { readOnly: true }])(
    'a store that may only be read answers: %j',
    async (options) => {
      const parent = temporaryDirectory();
      chmodSync(parent, 0o755);
      const directory = join(parent, 'store');
      await makeStore(directory);
      changeModes(directory, 0o555, 0o444);
      const before = diskState(directory);
      const outcomes = await asNobody(directory, options, [
        ['get', 'k', 1],
        ['get', 'k', 2],
        ['keys', { at: 5 }],
        ['set', 'k', 'v', 3],
        ['delete', 'k', 3],
        ['batch', [{ type: 'delete', key: 'k', at: 3 }]],
        ['get', 'k', 9],
      ]);
      const refused = 'ERR_TIMEKV_READ_ONLY';
      expect(outcomes).toEqual([
        'null',
        '"in a segment"',
        '"in the log"',
        '["k"]',
        refused,
        refused,
        refused,
        '"in the log"',
      ]);
      expect(diskState(directory)).toEqual(before);
      changeModes(directory, 0o700, 0o600);
    },
  );
});

/** Mounts are for root, and not in every container. */
function bindReadOnly(from: string, to: string): boolean {
  mkdirSync(to);
  const bind = spawnSync('mount', ['--bind', from, to]);
  if (bind.status !== 0) return false;
  if (spawnSync('mount', ['-o', 'remount,ro,bind', to]).status === 0) return true;
  spawnSync('umount', [to]);
  return false;
}

test.skipIf(!isRoot)('a store on a read-only mount answers and refuses writes', async (context) => {
  const parent = temporaryDirectory();
  const directory = join(parent, 'store');
  const mounted = join(parent, 'mounted');
  await makeStore(directory);
  if (!bindReadOnly(directory, mounted)) context.skip('no mounts here');
  try {
    const store = await openAs<string>(mounted);
    expect([store.get('k', 1), store.get('k', 2)]).toEqual(['in a segment', 'in the log']);
    await expectRefusal('ERR_TIMEKV_READ_ONLY', () => store.set('k', 'v', 3));
    expect([...store.history('k')]).toHaveLength(2);
    await store.close();
  } finally {
    spawnSync('umount', [mounted]);
    rmSync(mounted, { recursive: true, force: true });
  }
});
