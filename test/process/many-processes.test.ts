/**
 * Rule 7: eight writers, one-shot commands among them, two readers and a process that flushes and
 * merges all the time, on one directory.
 */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Child, start, timekv } from '../support/child.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import type { Version } from '../../src/options.js';
import { say } from '../support/say.js';

const writers = 8;
const versionsEach = 2000;
const oneShots = 200;

const directory = join(temporaryDirectory('disk'), 'store');

interface Written {
  written: number;
  own: number;
}

interface Read {
  reads: number;
  pairs: number;
  faults: string[];
}

interface Maintained {
  flushes: number;
  merges: number;
}

let written: Written[] = [];
let maintained: Maintained = { flushes: 0, merges: 0 };
let read: Read[] = [];
let oneShotExits: (number | null)[] = [];
let histories: Record<string, Version<string>[]> = {};

/** Two lanes of real commands, one after the other in each. */
async function runOneShots(): Promise<(number | null)[]> {
  const lanes = [0, 1].map(async (lane) => {
    const exits = [];
    for (let i = lane; i < oneShots; i += 2) {
      const child = timekv('set', '--dir', directory, '--busy-timeout', '60s', 'one-shot', `${i}`);
      const { exitCode, stderr } = await child.finished;
      if (exitCode !== 0) say(stderr);
      exits.push(exitCode);
    }
    return exits;
  });
  return (await Promise.all(lanes)).flat();
}

beforeAll(async () => {
  const started = performance.now();
  const store = await openAs<string>(directory);
  await store.set('first', 'v');
  await store.close();
  const readers: Child[] = [false, true].map((reopens) =>
    start('reader', { directory, reopens, writers }),
  );
  await Promise.all(readers.map((reader) => reader.printed('reading')));
  const maintainer = start('maintainer', { directory });
  const writing = Array.from({ length: writers }, (_, writer) =>
    start('writer', { directory, writer, versions: versionsEach, reopens: writer % 2 === 0 }),
  );
  oneShotExits = await runOneShots();
  written = await Promise.all(writing.map((child) => child.answer<Written>()));
  for (const reader of readers) reader.process.stdin?.end();
  maintainer.process.stdin?.end();
  maintained = await maintainer.answer<Maintained>();
  read = await Promise.all(readers.map((reader) => reader.answer<Read>()));
  const after = await openAs<string>(directory);
  const keys = [...after.keys({ all: true })];
  histories = Object.fromEntries(keys.map((key) => [key, [...after.history(key)]]));
  await after.close();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say(
    `${writers} writers, ${oneShots} one-shot sets, 2 readers, ${maintained.flushes} flushes and ` +
      `${maintained.merges} merges: ${seconds} s`,
  );
}, 300_000);

describe('eight processes write at once while two read', () => {
  test('every writer was acknowledged every version', () => {
    expect(written.map((child) => child.written)).toEqual(Array(writers).fill(versionsEach));
  });

  test('nothing is lost, and each writer wrote in its own order', () => {
    for (const [writer, { own }] of written.entries()) {
      const values = histories[`own/${writer}`]?.map(({ value }) => Number(value));
      expect(values).toEqual(Array.from({ length: own }, (_, i) => i));
    }
  });

  test('both halves of each pair are there', () => {
    const halves = ['pair/left', 'pair/right'].map((key) =>
      (histories[key] ?? []).map(({ timestamp, value }) => [timestamp, value]),
    );
    expect(halves[0]).toEqual(halves[1]);
    const own = written.reduce((sum, child) => sum + child.own, 0);
    expect(halves[0]).toHaveLength((writers * versionsEach - own) / 2);
  });

  test('seq has no gap, and no number twice', () => {
    const seqs = Object.values(histories).flatMap((rows) => rows.map(({ seq }) => seq));
    seqs.sort((a, b) => a - b);
    const total = 1 + writers * versionsEach + oneShots;
    expect(seqs).toHaveLength(total);
    expect(seqs.every((seq, i) => seq === i + 1)).toBe(true);
  });

  test('the order of time is the order of commits: each now is given once', () => {
    const rows = Object.entries(histories)
      .filter(([key]) => key !== 'pair/right')
      .flatMap(([, versions]) => versions)
      .sort((a, b) => a.seq - b.seq);
    const steps = rows.filter((row, i) => i > 0 && row.timestamp <= (rows[i - 1]?.timestamp ?? 0));
    expect(steps).toEqual([]);
  });

  test('readers saw only whole batches, and never less than before', () => {
    expect(read.flatMap(({ faults }) => faults)).toEqual([]);
    for (const { reads, pairs } of read) {
      expect(reads).toBeGreaterThan(20);
      expect(pairs).toBeGreaterThan(10);
    }
  });

  test('the log was flushed and segments were merged meanwhile', () => {
    expect(maintained.flushes).toBeGreaterThan(5);
    expect(maintained.merges).toBeGreaterThan(2);
  });

  test('200 one-shot commands were among them', () => {
    expect(oneShotExits).toEqual(Array(oneShots).fill(0));
    const values = histories['one-shot']?.map(({ value }) => Number(value)) ?? [];
    expect(values.sort((a, b) => a - b)).toEqual(Array.from({ length: oneShots }, (_, i) => i));
  });
});
