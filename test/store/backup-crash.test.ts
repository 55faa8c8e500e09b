/** A backup, or a restore, that is cut short at any call: nothing, the old one or the new one is there. */
import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemEnvironment, type Environment } from '../../src/engine/environment.js';
import { TimekvError, verify } from '../../src/index.js';
import { openWith } from '../../src/open.js';
import { restoreWith } from '../../src/restore.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { type Call, faultyFileSystem } from '../support/faulty-file-system.js';
import { systemError } from '../support/simulated-disk.js';
import { openAs } from '../support/stores.js';
import { removeDirectory, temporaryDirectory } from '../support/temporary-directory.js';

const parent = temporaryDirectory();
const source = join(parent, 'source');
const unhurried = { durability: 'process', unit: 'tick' } as const;

/** Calls that concern the directory which is being made. A link is known by where it comes from. */
function isOfTarget({ name, path }: Call): boolean {
  return name === 'link' || (name !== 'status' && name !== 'list' && !path.startsWith('..'));
}

/** The world of a process that dies at the nth of these calls; 0: in the catalog's commit. */
function dying(target: string, nth: number): { parts: Partial<Environment>; steps: () => number } {
  const fileSystem = faultyFileSystem(target);
  let count = 0;
  fileSystem.failAll((call) => isOfTarget(call) && nth > 0 && ++count >= nth, 'EIO');
  const { openCatalog } = systemEnvironment();
  const failing: Environment['openCatalog'] = (path, ...rest) => {
    const catalog = openCatalog(path, ...rest);
    const fail = () => {
      fileSystem.failAll(isOfTarget, 'EIO');
      throw systemError('EIO');
    };
    const isIts = nth === 0 && path.startsWith(target);
    return isIts ? Object.assign(catalog, { update: fail, initialise: fail }) : catalog;
  };
  return {
    parts: { fileSystem, openCatalog: failing },
    steps: () => fileSystem.calls.filter(isOfTarget).length,
  };
}

async function contentOf(directory: string): Promise<string | undefined> {
  try {
    const store = await openAs<string>(directory, { create: false });
    const rows = [...store.versions()].map(({ key, timestamp }) => `${key}@${timestamp}`);
    await store.close();
    return rows.join();
  } catch (error) {
    if (error instanceof TimekvError && error.code === 'ERR_TIMEKV_NO_STORE') return undefined;
    throw error;
  }
}

const namesIn = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();

type Attempt = (target: string, parts: Partial<Environment>) => Promise<unknown>;

const backUp: Attempt = async (target, parts) => {
  const store = await openWith(source, unhurried, parts);
  try {
    await store.backup(target);
  } finally {
    await store.close().catch(() => undefined);
  }
};

/** Cuts it short at each step in turn, and does it again; answers how many steps there were. */
async function eachStep(
  attempt: Attempt,
  wanted: { before: string | undefined; after: string },
  prepare: (target: string) => void,
): Promise<number> {
  const target = join(parent, 'target');
  const whole = dying(target, Infinity);
  prepare(target);
  await attempt(target, whole.parts);
  const steps = whole.steps();
  for (let step = 0; step <= steps; step++) {
    removeDirectory(target);
    prepare(target);
    await attempt(target, dying(target, step).parts).catch(() => undefined);
    const content = await contentOf(target);
    const isOne = content === wanted.before || content === wanted.after;
    expect({ step, content, isOne }).toEqual({ step, content, isOne: true });
    if (content !== undefined) expect(await verify(target)).toMatchObject({ damages: [] });
    else await expectRefusal('ERR_TIMEKV_NO_STORE', () => verify(target));
    // A store that was restored is there already, and nothing may be put in its place.
    if (attempt === backUp || content === undefined) await attempt(target, {});
    expect(await contentOf(target)).toBe(wanted.after);
    const { damages, leftovers } = await verify(target);
    const isClean = attempt === backUp || content === undefined;
    expect({ step, damages, leftovers: isClean ? leftovers : [] }).toEqual({
      step,
      damages: [],
      leftovers: [],
    });
    if (isClean) expect(readdirSync(target)).not.toContain('unfinished');
  }
  removeDirectory(target);
  return steps;
}

const prepared = (async () => {
  const store = await openAs<string>(source, unhurried);
  for (let at = 1; at <= 3; at++) {
    await store.set('a', 'v'.repeat(5000), at);
    await store.snapshot();
  }
  await store.backup(join(parent, 'old'));
  await store.close();
  const before = await contentOf(source);
  const later = await openAs<string>(source, unhurried);
  await later.compact({ full: true });
  await later.set('b', 'w', 9);
  await later.backup(join(parent, 'new'));
  await later.close();
  return { before, after: (await contentOf(source)) ?? '' };
})();

test('a first backup', async () => {
  const { after } = await prepared;
  const steps = await eachStep(backUp, { before: undefined, after }, () => undefined);
  expect(steps).toBeGreaterThan(20);
});

test('one in the place of an older one', async () => {
  const old = (target: string): void => {
    cpSync(join(parent, 'old'), target, { recursive: true });
  };
  expect(await eachStep(backUp, await prepared, old)).toBeGreaterThan(15);
});

test('restoring', async () => {
  const { after } = await prepared;
  const restore: Attempt = (target, parts) => restoreWith(join(parent, 'new'), target, {}, parts);
  const steps = await eachStep(restore, { before: undefined, after }, () => undefined);
  expect(steps).toBeGreaterThan(20);
});

test.each(['EXDEV', 'EPERM', 'EMLINK'])('where links fail with %s it copies', async (code) => {
  const { after } = await prepared;
  const target = join(parent, `copied ${code}`);
  const fileSystem = faultyFileSystem(target);
  fileSystem.failAll(({ name }) => name === 'link', code);
  const store = await openWith(source, unhurried, { fileSystem });
  expect(await store.backup(target)).toMatchObject({ linked: 0, copied: 2 });
  const from = fileSystem.calls.findIndex(({ name }) => name === 'link');
  const calls = fileSystem.calls.slice(from).map(({ name, path }) => `${name} ${path}`);
  const synced = calls.filter((call) => /^syncDataAsync segments.*\.seg$/.test(call));
  expect(synced).toHaveLength(2);
  expect(calls.lastIndexOf(synced[1]!)).toBeLessThan(calls.indexOf('syncDirectory segments'));
  expect(await store.backup(target)).toMatchObject({ linked: 0, copied: 0, kept: 2 });
  await store.close();
  expect(await contentOf(target)).toBe(after);
  expect(await verify(target)).toMatchObject({ damages: [], leftovers: [] });
});

test('another failure of a link is told, and nothing is left behind', async () => {
  await prepared;
  const target = join(parent, 'full');
  const fileSystem = faultyFileSystem(target);
  fileSystem.failAll(({ name }) => name === 'link', 'ENOSPC');
  const store = await openWith(source, unhurried, { fileSystem });
  const error = await expectRefusal('ERR_TIMEKV_IO', () => store.backup(target));
  expect(error.message).toContain(`cannot write to ${target}: the disk is full`);
  expect(readdirSync(join(target, 'segments'))).toEqual([]);
  await store.close();
  await expectRefusal('ERR_TIMEKV_NO_STORE', () => openAs(target, { create: false }));
  const writer = await openAs<string>(target);
  const refused = await expectRefusal('ERR_TIMEKV_NOT_A_STORE', () => writer.set('a', 'v'));
  expect(refused.message).toContain('not finished');
  await writer.close();
});

test('what is merged away meanwhile is copied from the file that is open still', async () => {
  const { after } = await prepared;
  const target = join(parent, 'late');
  const fileSystem = faultyFileSystem(target);
  fileSystem.failNth(1, ({ name }) => name === 'link', 'ENOENT');
  const store = await openWith(source, unhurried, { fileSystem });
  expect(await store.backup(target)).toMatchObject({ linked: 1, copied: 1 });
  await store.close();
  expect(await contentOf(target)).toBe(after);
});

test('a store that lost its catalog is not taken for something unfinished', async () => {
  const target = join(parent, 'lost');
  await restoreWith(join(parent, 'new'), target, {}, {});
  const store = await openAs<string>(target);
  await store.set('c', 'x', 10);
  await store.close();
  writeFileSync(join(target, 'unfinished'), '');
  removeDirectory(join(target, 'catalog.db'));
  const before = namesIn(target);
  await expectRefusal('ERR_TIMEKV_DAMAGED', () => openAs(target));
  await expectRefusal('ERR_TIMEKV_EXISTS', () => restoreWith(join(parent, 'new'), target, {}, {}));
  expect(namesIn(target)).toEqual(before);
});
