/** Rule 7: a process that dies blocks nobody; one that hangs is named after the busy timeout. */
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { maintenanceLockPath, writeLockPath } from '../../src/disk/names.js';
import type { Store } from '../../src/index.js';
import { type Child, start } from '../support/child.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { say } from '../support/say.js';

const children: Child[] = [];
const stores: Store[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) child.process.kill('SIGKILL');
  for (const store of stores.splice(0)) await store.close();
});

async function storeWithData(busyTimeout: number): Promise<[Store, string]> {
  const directory = join(temporaryDirectory(), 'store');
  const store = await openAs<string>(directory, { busyTimeout });
  stores.push(store);
  await store.set('k', 'v', 1);
  return [store, directory];
}

async function hold(path: string): Promise<Child> {
  const child = start('hold-lock', { path });
  children.push(child);
  await child.printed('held');
  return child;
}

describe('the holder of the write lock', () => {
  test('when killed with -9 lets the next writer go on at once', async () => {
    const [store, directory] = await storeWithData(30_000);
    const latencies = [];
    for (let round = 0; round < 5; round += 1) {
      const child = await hold(writeLockPath(directory));
      let isWritten = false;
      const writing = store.set('k', `${round}`, 2 + round).then(() => (isWritten = true));
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(isWritten).toBe(false);
      const killed = performance.now();
      child.process.kill('SIGKILL');
      await writing;
      latencies.push(performance.now() - killed);
    }
    const shown = latencies.map((ms) => ms.toFixed(1)).join(', ');
    say(`writes went on ${shown} ms after kill -9 of the lock's holder`);
    expect(Math.min(...latencies)).toBeLessThan(100);
    expect(Math.max(...latencies)).toBeLessThan(1000);
    expect([...store.history('k')]).toHaveLength(6);
  });

  test('when killed before anybody waits is not noticed', async () => {
    const [store, directory] = await storeWithData(200);
    const child = await hold(writeLockPath(directory));
    child.process.kill('SIGKILL');
    await child.finished;
    expect(await store.set('k', 'w', 2)).toBe(2);
  });

  test('when stopped is named after the busy timeout, and reads go on', async () => {
    const [store, directory] = await storeWithData(300);
    const child = await hold(writeLockPath(directory));
    child.process.kill('SIGSTOP');
    const started = performance.now();
    const error = await expectRefusal('ERR_TIMEKV_BUSY', () => store.set('k', 'w', 2));
    const waited = performance.now() - started;
    expect(error.message).toContain(String(child.pid));
    expect(waited).toBeGreaterThan(290);
    expect(waited).toBeLessThan(2000);
    expect(store.get('k', 5)).toBe('v');
    const reader = await openAs<string>(directory, { readOnly: true });
    expect([...reader.history('k')]).toHaveLength(1);
    await reader.close();
    child.process.kill('SIGKILL');
    expect(await store.set('k', 'w', 2)).toBe(2);
    expect(store.version('k', 2)?.seq).toBe(2);
  });

  test('when stopped does not keep another process from opening and reading', async () => {
    const [, directory] = await storeWithData(300);
    const child = await hold(writeLockPath(directory));
    child.process.kill('SIGSTOP');
    const calls = [['get', 'k', 5]];
    const other = start('calls', { directory, options: { busyTimeout: 300 }, calls });
    const outcomes = await other.answer<{ value?: unknown; error?: { code: string } }[]>();
    expect(outcomes.map(({ value, error }) => error?.code ?? value ?? null)).toEqual([null, 'v']);
  });

  test('a batch that waits in vain changes nothing', async () => {
    const [store, directory] = await storeWithData(200);
    const child = await hold(writeLockPath(directory));
    child.process.kill('SIGSTOP');
    const busy = [1, 2, 3].map((at) =>
      expectRefusal('ERR_TIMEKV_BUSY', () =>
        store.batch([
          { type: 'set', key: 'k', value: 'lost', at },
          { type: 'delete', key: 'other', at },
        ]),
      ),
    );
    await Promise.all(busy);
    child.process.kill('SIGKILL');
    await child.finished; // On a busy machine it takes its time to die.
    await store.set('next', 'v', 1);
    expect([...store.keys({ all: true })]).toEqual(['k', 'next']);
    expect(store.version('next', 1)?.seq).toBe(2);
  });
});

test('a stopped holder of the maintenance lock is named by compact, and writes go on', async () => {
  const [store, directory] = await storeWithData(300);
  const child = await hold(maintenanceLockPath(directory));
  child.process.kill('SIGSTOP');
  const error = await expectRefusal('ERR_TIMEKV_BUSY', () => store.compact({ full: true }));
  expect(error.message).toContain(String(child.pid));
  expect(await store.set('k', 'w', 2)).toBe(2);
  child.process.kill('SIGKILL');
  await child.finished;
  await store.compact({ full: true });
  expect(store.get('k', 2)).toBe('w');
});
