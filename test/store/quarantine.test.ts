/** `verify --quarantine`: what is damaged is put aside by name, and the rest is as it was. */
import { readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { quarantine, verify, type Loss, type Store } from '../../src/index.js';
import { copyInto, flip, largestFile, lastByte, type Change } from '../support/damaged-files.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import {
  fillStore,
  flushedAt,
  keyCount,
  keyOf,
  lastTime,
  valueOf,
  type FilledStore,
} from './support/filled-store.js';

const parent = temporaryDirectory();
let filled: FilledStore;
let segment = '';

beforeAll(async () => {
  filled = await fillStore(join(parent, 'whole'));
  segment = largestFile(filled.directory, 'segments', '.seg');
});

const remove: Change = (path) => {
  rmSync(path);
};

const cutTo = (bytes: number) => (path: string) => {
  truncateSync(path, bytes);
};

function damaged(change: Change, file: string): string {
  return copyInto(join(parent, 'damaged'), filled.directory, change, file);
}

/** How many versions are there still; none may be another than was written. */
function readable(store: Store): number {
  let count = 0;
  for (const { key, timestamp, value } of store.versions()) {
    const number = Number(key.slice(4));
    if (timestamp > lastTime) continue;
    if (value !== valueOf(number, timestamp))
      throw new Error(`a wrong answer: ${key} ${timestamp}`);
    count++;
  }
  return count;
}

interface Outcome {
  accepted: Loss[];
  lost: number;
  aside: string[];
}

/** Puts aside what is damaged; afterwards everything works, and the loss is told for ever. */
async function putAside(directory: string): Promise<Outcome> {
  const report = await verify(directory);
  expect(report.damages.length).toBeGreaterThan(0);
  const accepted = await quarantine(directory, report);
  expect(await verify(directory)).toMatchObject({ damages: [], leftovers: [], losses: accepted });
  const store = await openAs<string>(directory, { durability: 'process' });
  const lost = filled.entries - readable(store);
  const seqs = new Set([...store.versions()].map(({ seq }) => seq));
  await store.set(keyOf(1), 'new', 1000, { ifSeq: store.version(keyOf(1), 999)?.seq ?? 'none' });
  await store.set(keyOf(1), 'bumped', 1000, { onConflict: 'bump' });
  expect(store.version(keyOf(1), 1000)?.seq).toBeGreaterThan(filled.entries);
  expect(seqs.has(store.version(keyOf(1), 1000)?.seq ?? 0)).toBe(false);
  await store.snapshot();
  await store.compact({ full: true });
  expect(store.get(keyOf(1), 1001)).toBe('bumped');
  expect(filled.entries - readable(store)).toBe(lost);
  await store.close();
  expect(await verify(directory)).toMatchObject({ damages: [], losses: accepted });
  const folder = join(directory, 'quarantine');
  return { accepted, lost, aside: readdirSync(folder).sort() };
}

describe('a damaged segment', () => {
  test('loses the versions of the block, and nothing else', async () => {
    const { accepted, lost, aside } = await putAside(damaged(flip(200), segment));
    expect(lost).toBeGreaterThan(0);
    expect(lost).toBeLessThan(filled.entries / 4);
    expect(accepted).toMatchObject([
      {
        file: segment.slice('segments/'.length),
        minSeq: 1,
        maxSeq: flushedAt[0] * keyCount,
        lost: expect.stringMatching(
          new RegExp(`^${lost} of 240 versions: versions of keys from "key/00" to "key/\\d+"$`),
        ) as string,
      },
    ]);
    expect(aside).toEqual([segment.slice('segments/'.length)]);
  });

  test('loses nothing where only a filter is damaged', async () => {
    const report = await verify(filled.directory);
    expect(report.damages).toEqual([]);
    const bytes = lastByte(join(filled.directory, segment)) + 1;
    let isFilter = false;
    for (let back = 100; !isFilter; back += 16) {
      const { damages } = await verify(damaged(flip(bytes - back), segment));
      isFilter = damages[0]?.what.includes('filter') === true;
    }
    expect(await putAside(join(parent, 'damaged'))).toMatchObject({ accepted: [], lost: 0 });
  });

  test.each<[string, Change]>([
    ['missing', remove],
    ['cut off', cutTo(3000)],
    ['without a footer that can be read', (path) => flip(lastByte(path) - 20)(path)],
  ])('that is %s is lost whole', async (_, change) => {
    const { accepted, lost } = await putAside(damaged(change, segment));
    expect(lost).toBe(flushedAt[0] * keyCount);
    expect(accepted[0]?.lost).toMatch(/^240 of 240 versions: all 240 versions in it/);
  });
});

describe('a damaged log', () => {
  const inLog = (lastTime - flushedAt[1]) * keyCount;

  test('loses the frame in its middle', async () => {
    const end = lastByte(join(filled.directory, filled.liveLog));
    const { accepted, lost, aside } = await putAside(
      damaged(flip(Math.floor(end / 2)), filled.liveLog),
    );
    expect(lost).toBe(keyCount);
    expect(accepted).toHaveLength(1);
    expect(accepted[0]?.lost).toMatch(/^seqs \d+ to \d+, of any key$/);
    expect(aside).toEqual([
      filled.liveLog.slice(4).replace(/wal$/, 'end'),
      filled.liveLog.slice(4),
    ]);
  });

  test('loses the frame at its end, and gives none of its seqs again', async () => {
    const end = lastByte(join(filled.directory, filled.liveLog));
    const { accepted, lost } = await putAside(damaged(flip(end - 100), filled.liveLog));
    expect(lost).toBe(keyCount);
    expect(accepted).toHaveLength(1);
    expect(accepted[0]?.maxSeq).toBeGreaterThan(filled.entries);
  });

  test.each<[string, Change, number]>([
    ['missing', remove, inLog],
    ['empty', cutTo(0), inLog],
    ['without the start of its checksums', flip(20, 4), inLog],
    ['with another header', flip(60), 0],
  ])('that is %s', async (_, change, expected) => {
    const { accepted, lost } = await putAside(damaged(change, filled.liveLog));
    expect(lost).toBe(expected);
    expect(accepted).toHaveLength(expected === 0 ? 0 : 1);
  });

  test.each<[string, Change]>([
    ['missing', remove],
    ['empty', cutTo(0)],
    ['filled with something else', flip(1, 2)],
  ])('loses nothing with an end register that is %s', async (_, change) => {
    const register = filled.liveLog.replace(/wal$/, 'end');
    const { accepted, lost } = await putAside(damaged(change, register));
    expect({ accepted, lost }).toEqual({ accepted: [], lost: 0 });
  });

  test('loses nothing where the file is only kept for watchers', async () => {
    const { accepted, lost } = await putAside(damaged(flip(300), filled.keptLog));
    expect({ accepted, lost }).toEqual({ accepted: [], lost: 0 });
  });
});

test('all of it at once', async () => {
  const directory = damaged(flip(200), segment);
  flip(300)(join(directory, filled.keptLog));
  flip(300)(join(directory, filled.liveLog));
  const { accepted, aside } = await putAside(directory);
  expect(accepted).toHaveLength(2);
  expect(aside).toHaveLength(5);
});

test('a damaged catalog cannot be judged, and the way out is told', async () => {
  const directory = damaged(flip(0, 64), 'catalog.db');
  const before = readdirSync(directory, { recursive: true });
  const report = await verify(directory);
  const error = await expectRefusal('ERR_TIMEKV_DAMAGED', () => quarantine(directory, report));
  expect(error.message).toContain('timekv dump FILE --format ndjson');
  expect(readdirSync(directory, { recursive: true })).toEqual(before);
});

test('a clean report changes nothing', async () => {
  const report = await verify(filled.directory);
  const before = readdirSync(filled.directory, { recursive: true });
  expect(await quarantine(filled.directory, report)).toEqual([]);
  expect(readdirSync(filled.directory, { recursive: true })).toEqual(before);
});

describe('a store that has the log open meanwhile', () => {
  test.each<[string, (end: number) => number]>([
    ['its middle', (end) => Math.floor(end / 2)],
    ['its end', (end) => end - 100],
  ])('goes on in the new one, where the damage is in %s', async (_, place) => {
    const directory = damaged(() => undefined, filled.liveLog);
    const store = await openAs<string>(directory, { durability: 'process' });
    await store.set('open', 'before', 101);
    expect(readable(store)).toBe(filled.entries);
    const path = join(directory, filled.liveLog);
    flip(place(lastByte(path)))(path);
    await quarantine(directory, await verify(directory));
    await store.set('open', 'after', 102);
    expect(store.get('open', 102)).toBe('after');
    const other = await openAs<string>(directory);
    expect(other.get('open', 102)).toBe('after');
    await other.set('other', 'v', 103);
    store.refresh();
    expect(store.get('other', 103)).toBe('v');
    // What the damage has not met is there still, in a segment now.
    expect(readable(store)).toBeGreaterThan(filled.entries - 2 * keyCount);
    await other.close();
    await store.close();
    expect((await verify(directory)).damages).toEqual([]);
  });
});
