/**
 * RACE: a process that is stopped in the middle of a commit. Readers go on always, writers go on or
 * are told who holds the lock; and when it goes on itself, nothing is lost and nothing is there twice.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Store } from '../../src/index.js';
import { type Child, start } from '../support/child.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { report } from '../support/harness.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { versionsBySeq } from '../support/versions-by-seq.js';

const busyTimeout = 300;
const startedAt = performance.now();
const counts = { stops: 0, 'writes refused meanwhile': 0, 'writes let pass meanwhile': 0 };

interface Outcome {
  seq: number | null;
  code: string | null;
  message?: string;
  /** The history of its key as it sees it, or the code of the error that reading it gave. */
  own: [value: string, seq: number][] | string;
}

interface Step {
  call: string;
  file: string;
  nth?: number;
  byHalf?: boolean;
}

interface Stopped {
  child: Child;
  directory: string;
  /** Another process than the stopped one. */
  store: Store;
  /** Lets it go on; answers what came of its write. */
  goOn: () => Promise<Outcome>;
}

async function stopAt(at: Step, more: object = {}): Promise<Stopped> {
  const directory = join(temporaryDirectory(), 'store');
  const store = await openAs<string>(directory, { busyTimeout });
  await store.set('first', 'v');
  const child = start('stop-at', { directory, at, ...more });
  onTestFinished(async () => {
    child.process.kill('SIGKILL');
    await store.close();
  });
  await child.printed('stopping');
  const isStopped = () => / T /.test(readFileSync(`/proc/${child.pid}/stat`, 'utf8'));
  while (!isStopped()) await sleep(1);
  counts.stops++;
  const goOn = () => {
    child.process.kill('SIGCONT');
    return child.answer<Outcome>();
  };
  return { child, directory, store, goOn };
}

/** Rule 7: readers never wait, those that are open and those that open now. */
async function expectReaders({ store, directory }: Stopped, own: string): Promise<void> {
  const began = performance.now();
  const late = [
    await openAs<string>(directory, { readOnly: true }),
    await openAs<string>(directory),
  ];
  for (const each of [store, ...late]) {
    expect(each.get('first')).toBe('v');
    expect(each.get('own')).toBe(own);
  }
  for (const each of late) await each.close();
  expect(performance.now() - began).toBeLessThan(5000);
}

/** What everybody sees in the end, one that opens the store now too: each write once, in order of seq. */
async function expectHistory(
  { store, directory }: Stopped,
  expected: readonly string[],
): Promise<void> {
  const late = await openAs<string>(directory);
  for (const each of [store, late]) {
    each.refresh();
    const versions = versionsBySeq(each);
    expect(versions.map(({ key, value }) => `${key} ${value}`)).toEqual(expected);
    expect(versions.map(({ seq }) => seq)).toEqual(expected.map((_, index) => index + 1));
  }
  await late.close();
}

async function expectBusy({ store, child }: Stopped): Promise<void> {
  const began = performance.now();
  const error = await expectRefusal('ERR_TIMEKV_BUSY', () => store.set('other', 'refused'));
  expect(error.message).toContain(`process ${child.pid} `);
  expect(performance.now() - began).toBeGreaterThan(busyTimeout - 10);
  counts['writes refused meanwhile']++;
}

async function letPass({ store }: Stopped, key: string): Promise<void> {
  await store.set(key, 'let pass');
  counts['writes let pass meanwhile']++;
}

const before = ['first v', 'own before'];

/** By the call before which it is stopped. */
const underLock: Record<string, [Step, object?]> = {
  'while it judges': [{ call: 'now', file: '' }],
  'before it appends': [{ call: 'write', file: '.wal' }],
  // Nobody may take what is there for a torn tail.
  'in the middle of its write': [{ call: 'write', file: '.wal', byHalf: true }],
  // The register is looked at before the append and after it.
  'when it has appended': [{ call: 'read', file: '.end', nth: 2 }],
  'before it makes a new log': [{ call: 'create', file: '.wal' }, { action: 'snapshot' }],
  'before it seals the log': [{ call: 'write', file: '.wal', nth: 2 }, { action: 'snapshot' }],
};

describe.skipIf(!existsSync('/proc/self/stat'))('a process that is stopped', () => {
  test.each(Object.entries(underLock))('%s holds up writers, and no reader', async (_, given) => {
    const [at, more = {}] = given;
    const stopped = await stopAt(at, more);
    await expectReaders(stopped, 'before');
    await expectBusy(stopped);
    const { code, own } = await stopped.goOn();
    expect(code).toBe(null);
    const late = 'action' in more ? [] : [['late', 3]];
    expect(own).toEqual([['before', 2], ...late]);
    await letPass(stopped, 'other');
    const written = late.length === 0 ? [] : ['own late'];
    await expectHistory(stopped, [...before, ...written, 'other let pass']);
  });

  test.each([
    ['before it syncs', { call: 'syncData', file: '.wal' }],
    ['before it publishes', { call: 'write', file: '.end' }],
  ])('%s holds up nobody', async (_, at) => {
    const stopped = await stopAt(at);
    await expectReaders(stopped, 'before');
    await letPass(stopped, 'other');
    // The other's sync has covered its frame, so that it is committed already.
    await expectReaders(stopped, 'late');
    await stopped.store.snapshot();
    await letPass(stopped, 'more');
    const { seq, own } = await stopped.goOn();
    expect(seq).toBe(3);
    expect(own).toEqual([
      ['before', 2],
      ['late', 3],
    ]);
    await expectHistory(stopped, [...before, 'own late', 'other let pass', 'more let pass']);
  });

  test('while it flushes holds up no writer, and is named to who compacts', async () => {
    const stopped = await stopAt({ call: 'create', file: '.seg' }, { action: 'snapshot' });
    await expectReaders(stopped, 'before');
    await letPass(stopped, 'other');
    const error = await expectRefusal('ERR_TIMEKV_BUSY', () => stopped.store.compact());
    expect(error.message).toContain(String(stopped.child.pid));
    counts['writes refused meanwhile']++;
    const { code } = await stopped.goOn();
    expect(code).toBe(null);
    await expectHistory(stopped, [...before, 'other let pass']);
  });

  test('while it judges, and has lost the lock, judges anew', async () => {
    const stopped = await stopAt({ call: 'now', file: '' }, { losesLock: true });
    await letPass(stopped, 'other');
    await letPass(stopped, 'more');
    const { seq } = await stopped.goOn();
    expect(seq).toBe(5);
    await expectHistory(stopped, [...before, 'other let pass', 'more let pass', 'own late']);
  });

  test.each([1, 2])(
    'before it appends, and has lost the lock, gets no late frame accepted (%d others)',
    async (others) => {
      const stopped = await stopAt({ call: 'write', file: '.wal' }, { losesLock: true });
      for (let i = 0; i < others; i++) await letPass(stopped, 'other');
      const { code, message, own } = await stopped.goOn();
      expect(code).toBe('ERR_TIMEKV_DAMAGED');
      expect(message).toContain('the write lock was lost');
      expect(own).toBe('ERR_TIMEKV_DAMAGED');
      // It lies over what was acknowledged to others: that is told, and nothing else is answered.
      for (const key of ['own', 'other']) {
        await expectRefusal('ERR_TIMEKV_DAMAGED', async () => {
          const late = await openAs<string>(stopped.directory);
          try {
            return late.get(key);
          } finally {
            await late.close();
          }
        });
      }
    },
  );
});

afterAll(() => {
  report('RACE, stopped in a commit', counts, startedAt);
});
