/** After a full compaction no file of the directory has the bytes of what was erased. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../src/index.js';
import { systemEnvironment } from '../../src/engine/environment.js';
import type { Handle } from '../../src/segment/data-block.js';
import { SegmentFile } from '../../src/segment/segment-file.js';
import { SegmentWalk } from '../../src/segment/segment-walk.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

/** Text that cannot be there by chance. It comes first of all keys: so the catalog has it too. */
const random = (bytes: number): string => randomBytes(bytes).toString('hex');
const secretKey = `!${random(24)}`;
/** Of this one only some versions are erased. */
const otherKey = `key 200 ${random(24)}`;

/** In turn: within a block, where it may be deflated, and in a part of its own. */
const valueAt = Array.from({ length: 40 }, (_, at) => random(at % 4 === 3 ? 10_000 : 60));
const otherValueAt = Array.from({ length: 40 }, (_, at) => random(at % 4 === 3 ? 10_000 : 60));
const erasedTimes = [3, 8, 17, 39];

/** Some bytes of a text, from its start, its middle and its end. */
function needles(text: string): string[] {
  const middle = Math.floor(text.length / 2);
  return [text.slice(0, 24), text.slice(middle, middle + 24), text.slice(-24)];
}

const ofHistory = [secretKey, ...valueAt].flatMap(needles);
const ofVersions = erasedTimes.flatMap((at) => needles(otherValueAt[at] ?? ''));
const ofWhatStays = [otherKey, otherValueAt[0] ?? ''].flatMap(needles);

/** A segment that hands over each data block as it was before it was deflated. */
class OpenedSegment extends SegmentFile {
  readonly blocks: Buffer[] = [];

  override inflated(bytes: Buffer, handle: Handle): Buffer {
    const block = super.inflated(bytes, handle);
    this.blocks.push(Buffer.from(block));
    return block;
  }
}

/** What a file holds: its bytes, and those of its blocks if it is a segment. */
function contentOf(path: string): Buffer {
  const bytes = readFileSync(path);
  if (!path.endsWith('.seg')) return bytes;
  const segment = new OpenedSegment(systemEnvironment().fileSystem, path);
  const damages: unknown[] = [];
  const entries = [...new SegmentWalk(segment, (damage) => damages.push(damage)).entries()];
  segment.close();
  if (entries.length === 0 || damages.length > 0) throw new Error(`${path} cannot be read`);
  return Buffer.concat([bytes, ...segment.blocks]);
}

/** The files below a directory that have any of the texts. */
function filesWith(directory: string, texts: readonly string[]): string[] {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return files
    .filter((path) => {
      const content = contentOf(path);
      return texts.some((text) => content.includes(text));
    })
    .map((path) => path.slice(directory.length + 1).replace(/[^/]*(?=\.(seg|wal)$)/, '*'));
}

/** Many keys, among them both, over several segments and the log. */
async function fill(store: Store): Promise<void> {
  for (let at = 0; at < 40; at++) {
    await store.load(
      Array.from({ length: 400 }, (_, index) => ({
        key: `key ${index}`,
        value: `{"number":${index},"at":${at},"state":"on"}`,
        at,
      })),
    );
    // Some of them stand in the order of expiry too, and some replace others.
    const expiry = at % 5 === 0 ? { ttl: Number.MAX_SAFE_INTEGER - 100 } : {};
    await store.set(secretKey, valueAt[at - 1] ?? '', at);
    await store.set(secretKey, valueAt[at] ?? '', at, expiry);
    await store.set(otherKey, otherValueAt[at] ?? '', at, expiry);
    if (at % 10 === 5) await store.snapshot();
  }
}

let directory = '';

beforeEach(() => {
  directory = temporaryDirectory('disk');
});

describe('the bytes of what was erased', () => {
  test('are in no file after a full compaction, and who reads them goes on', async () => {
    const store = await openAs<string>(directory, { unit: 'tick', durability: 'process' });
    const reader = await openAs<string>(directory, { unit: 'tick', durability: 'process' });
    await fill(store);
    mkdirSync(join(directory, 'quarantine'), { recursive: true });
    writeFileSync(join(directory, 'quarantine', 'old.seg.bin'), `${secretKey} ${valueAt[7]}`);
    const before = filesWith(directory, ofHistory);
    expect(before).toEqual(
      expect.arrayContaining([
        'catalog.db',
        'quarantine/old.seg.bin',
        'segments/*.seg',
        'wal/*.wal',
      ]),
    );
    expect(before.filter((path) => path === 'segments/*.seg')).toHaveLength(4);
    expect(filesWith(directory, ofVersions)).toContain('segments/*.seg');

    const begun = reader.history(secretKey)[Symbol.iterator]();
    begun.next();
    expect(await store.erase(secretKey, 'all')).toBe(40);
    for (const at of erasedTimes) expect(await store.erase(otherKey, at)).toBe(1);
    expect(filesWith(directory, ofHistory).length).toBeGreaterThanOrEqual(before.length);
    await store.compact({ full: true });

    expect(filesWith(directory, [...ofHistory, ...ofVersions])).toEqual([]);
    expect(filesWith(directory, ofWhatStays)).toEqual(['segments/*.seg']);
    const rest = [...{ [Symbol.iterator]: () => begun }].map(({ value }) => value);
    expect(rest).toEqual(valueAt.slice(1));
    expect([...reader.keys({ all: true, prefix: '!' })]).toEqual([]);
    expect([...reader.history(otherKey)]).toHaveLength(40 - erasedTimes.length);
    await reader.close();
    await store.close();
    expect(filesWith(directory, [...ofHistory, ...ofVersions])).toEqual([]);
    const again = await openAs<string>(directory);
    expect(await again.verify()).toMatchObject({ damages: [], leftovers: [] });
    await again.close();
  });

  test('are gone too where all was in one segment, or everything was erased', async () => {
    const store = await openAs<string>(directory, { unit: 'tick', durability: 'process' });
    await store.set(secretKey, valueAt[0] ?? '', 1);
    await store.set(secretKey, valueAt[3] ?? '', 2);
    await store.compact({ full: true });
    expect(filesWith(directory, ofHistory)).toEqual(['catalog.db', 'segments/*.seg']);
    await store.erase(secretKey, 2);
    await store.compact({ full: true });
    expect(filesWith(directory, needles(valueAt[3] ?? ''))).toEqual([]);
    for (const at of [0, 1, 2]) {
      await store.erase(secretKey, 'all');
      await store.compact({ full: true });
      expect(filesWith(directory, ofHistory)).toEqual([]);
      expect(await store.verify()).toMatchObject({ damages: [], leftovers: [], entries: 0 });
      await store.set(secretKey, valueAt[at] ?? '', at);
    }
    expect(await store.verify()).toMatchObject({ damages: [], leftovers: [], entries: 1 });
    expect([...store.history(secretKey)].map(({ seq }) => seq)).toEqual([9]);
    await store.close();
  });

  test('are gone where nothing but the erasure is left to be merged', async () => {
    const store = await openAs<string>(directory, { unit: 'tick', durability: 'process' });
    await store.set('other', 'v', 1);
    await store.set(secretKey, valueAt[0] ?? '', 1);
    await store.erase(secretKey, 'all');
    await store.snapshot();
    expect(filesWith(directory, ofHistory)).toContain('segments/*.seg');
    await store.compact({ full: true });
    expect(filesWith(directory, ofHistory)).toEqual([]);
    await store.close();
  });

  test('are gone where a process that has died had begun with it', async () => {
    const store = await openAs<string>(directory, { unit: 'tick', durability: 'process' });
    await store.set(secretKey, valueAt[0] ?? '', 1);
    await store.snapshot();
    await store.erase(secretKey, 'all');
    await store.snapshot();
    // What it had made, and nobody lists.
    const [name = ''] = readdirSync(join(directory, 'segments'));
    const left = name.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
    writeFileSync(
      join(directory, 'segments', left),
      readFileSync(join(directory, 'segments', name)),
    );
    await store.close();
    const again = await openAs<string>(directory);
    await again.compact({ full: true });
    expect(filesWith(directory, ofHistory)).toEqual([]);
    await again.close();
  });
});
