import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { platform } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { KernelLock } from '../../src/catalog/lock.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { holdLockFile, isFreeForOthers } from '../support/lock-file-holder.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const newPath = () => join(temporaryDirectory(), 'write.lock');

describe('a lock', () => {
  it('excludes other connections, in this process and in others', () => {
    const path = newPath();
    const [one, other] = [KernelLock.open(path, 1000), KernelLock.open(path, 1000)];
    expect(one.isHeld).toBe(false);
    expect(one.tryAcquire()).toBe(true);
    expect(one.isHeld).toBe(true);
    expect(other.tryAcquire()).toBe(false);
    expect(isFreeForOthers(path)).toBe(false);
    one.release();
    one.release();
    expect(isFreeForOthers(path)).toBe(true);
    expect(other.tryAcquire()).toBe(true);
    other.close();
    expect(one.tryAcquire()).toBe(true);
    one.close();
    one.close();
    expect(isFreeForOthers(path)).toBe(true);
  });

  it.runIf(platform === 'linux')('keeps the file shared while it is open, held or not', () => {
    const path = newPath();
    const lock = KernelLock.open(path, 1000);
    const { ino } = statSync(path);
    const kinds = () => {
      const lines = readFileSync('/proc/locks', 'utf8').split('\n');
      return lines.filter((line) => line.includes(`:${ino} `)).map((line) => line.split(/\s+/)[3]);
    };
    expect(kinds()).toEqual(['READ']);
    expect(lock.tryAcquire()).toBe(true);
    expect(new Set(kinds())).toEqual(new Set(['READ', 'WRITE']));
    lock.release();
    expect(kinds()).toEqual(['READ']);
    lock.close();
    expect(kinds()).toEqual([]);
  });

  it('is kept while other connections to it are opened and closed', () => {
    const path = newPath();
    const lock = KernelLock.open(path, 1000);
    expect(lock.tryAcquire()).toBe(true);
    for (let each = 0; each < 3; each++) KernelLock.open(path, 1000).close();
    expect(isFreeForOthers(path)).toBe(false);
    lock.close();
  });

  it('is kept when nothing refers to it any more', () => {
    const path = newPath();
    (() => {
      expect(KernelLock.open(path, 1000).tryAcquire()).toBe(true);
    })();
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    for (let each = 0; each < 5; each++) collectGarbage();
    expect(isFreeForOthers(path)).toBe(false);
  });

  it('leaves no journal behind, and nothing else', () => {
    const path = newPath();
    const lock = KernelLock.open(path, 1000);
    for (let each = 0; each < 3; each++) {
      expect(lock.tryAcquire()).toBe(true);
      expect(existsSync(`${path}-journal`)).toBe(false);
      lock.release();
    }
    lock.close();
    expect(readdirSync(join(path, '..'))).toEqual(['write.lock']);
  });

  it('costs an error no stack, and leaves stacks as they were', () => {
    const path = newPath();
    const [one, other] = [KernelLock.open(path, 1000), KernelLock.open(path, 1000)];
    const limit = Error.stackTraceLimit;
    one.tryAcquire();
    other.tryAcquire();
    expect(Error.stackTraceLimit).toBe(limit);
    one.close();
    other.close();
  });
});

describe('waiting for a lock', () => {
  it('ends at once when the holder is killed', async () => {
    const path = newPath();
    const lock = KernelLock.open(path, 1000);
    const holder = await holdLockFile(path);
    expect(lock.tryAcquire()).toBe(false);
    const waiting = lock.acquire(20_000).then(() => performance.now());
    const killedAt = performance.now();
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect((await waiting) - killedAt).toBeLessThan(1000);
    expect(lock.isHeld).toBe(true);
    lock.close();
  });

  it('ends after its time, naming the process that holds it', async () => {
    const path = newPath();
    const lock = KernelLock.open(path, 1000);
    const holder = await holdLockFile(path);
    const start = performance.now();
    const error = await expectRefusal('ERR_TIMEKV_BUSY', () => lock.acquire(100));
    expect(performance.now() - start).toBeGreaterThanOrEqual(99);
    expect(error.message).toContain(`process ${holder.pid} `);
    expect(error.file).toBe(path);
    expect(lock.isHeld).toBe(false);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await lock.acquire(1000);
    lock.close();
  });

  it('does not wait at all for a time of 0', async () => {
    const path = newPath();
    const [one, other] = [KernelLock.open(path, 1000), KernelLock.open(path, 1000)];
    await one.acquire(0);
    await expectRefusal('ERR_TIMEKV_BUSY', () => other.acquire(0));
    one.close();
    await other.acquire(0);
    other.close();
  });

  it('lets the event loop turn', async () => {
    const path = newPath();
    const [one, other] = [KernelLock.open(path, 1000), KernelLock.open(path, 1000)];
    await one.acquire(0);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await expectRefusal('ERR_TIMEKV_BUSY', () => other.acquire(100));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(10);
    one.close();
    other.close();
  });
});
