/** What is kept of compiled code between starts, and that no start depends on it. */
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { fingerprint, run } from './support/timekv.js';

let base: string;
let cache: string;
let store: string;

beforeEach(() => {
  base = temporaryDirectory();
  cache = join(base, 'timekv');
  store = join(temporaryDirectory(), 'store');
});

function get(more: Record<string, string> = {}) {
  return run(store, ['get', 'k', '--default', 'none'], {
    environment: { XDG_CACHE_HOME: base, ...more },
  });
}

const answered = { code: 0, stdout: 'none\n', stderr: '' };

it('is kept for its owner alone, and used as it is by the next start', async () => {
  expect(await get()).toMatchObject(answered);
  expect(statSync(cache).mode & 0o777).toBe(0o700);
  const kept = fingerprint(cache);
  expect(readdirSync(cache).length).toBeGreaterThan(0);
  expect(await get()).toMatchObject(answered);
  expect(fingerprint(cache)).toBe(kept);
});

it('is left out if Node is told to have none', async () => {
  expect(await get({ NODE_DISABLE_COMPILE_CACHE: '1' })).toMatchObject(answered);
  expect(readdirSync(base)).toEqual([]);
});

describe('a directory that is not ours alone', () => {
  it('since others may write it, is neither read nor written', async () => {
    mkdirSync(cache);
    chmodSync(cache, 0o777);
    expect(await get()).toMatchObject(answered);
    expect(readdirSync(cache)).toEqual([]);
  });

  it('since it is a link, is neither read nor written', async () => {
    const elsewhere = temporaryDirectory();
    symlinkSync(elsewhere, cache);
    expect(await get()).toMatchObject(answered);
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  it('or cannot be made, is done without', async () => {
    writeFileSync(cache, 'a file');
    expect(await get()).toMatchObject(answered);
  });
});

// Newer Nodes keep it in files of their own.
describe.runIf(process.version.startsWith('v20.'))('a file in it', () => {
  const paths = () => readdirSync(cache).map((name) => join(cache, name));

  it.each([
    ['cut', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ['empty', () => Buffer.alloc(0)],
    [
      'of another source',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -2), Buffer.from(' \n')]),
    ],
    ['of another V8', (bytes: Buffer) => Buffer.concat([Buffer.alloc(64), bytes.subarray(64)])],
  ])('that is %s is made anew', async (_, harm) => {
    await get();
    const kept = new Map(paths().map((path) => [path, readFileSync(path)]));
    for (const [path, bytes] of kept) writeFileSync(path, harm(bytes));
    expect(await get()).toMatchObject(answered);
    for (const [path, bytes] of kept) {
      const now = readFileSync(path);
      expect(now.equals(harm(bytes))).toBe(false);
      expect(now.length).toBeGreaterThan(bytes.length * 0.9);
    }
  });

  it('that others may write is made anew', async () => {
    await get();
    for (const path of paths()) {
      chmodSync(path, 0o666);
      writeFileSync(path, 'not ours');
    }
    expect(await get()).toMatchObject(answered);
    for (const path of paths()) expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('leaves, if there are many, with the oldest first', async () => {
    await get();
    const kept = readdirSync(cache).length;
    for (let file = 0; file < 100; file++) {
      const path = join(cache, `old-${file}`);
      writeFileSync(path, '');
      utimesSync(path, 1000 + file, 1000 + file);
    }
    await run(store, ['keys', '--help'], { environment: { XDG_CACHE_HOME: base } });
    const left = readdirSync(cache);
    expect(left).toHaveLength(64);
    expect(left.filter((name) => !name.startsWith('old-')).length).toBeGreaterThanOrEqual(kept);
  });
});
