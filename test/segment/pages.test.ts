/** Where data blocks end in a file. */
import { describe, expect, it } from 'vitest';
import { Directory } from '../../src/segment/directory.js';
import { roomInPage, zerosToPageEnd } from '../../src/segment/pages.js';
import { SegmentFile } from '../../src/segment/segment-file.js';
import { MemoryFileSystem } from './support/memory-file-system.js';
import { entryOf, forwards, inWords, openSegment, writeSegment } from './support/segments.js';

interface Block {
  offset: number;
  end: number;
  bytes: number;
}

const page = 4096;
const path = 's';

/** All data blocks, in order. */
function blocksOf(disk: MemoryFileSystem): Block[] {
  const file = new SegmentFile(disk, path);
  const { sections } = file.footer;
  const top = directoryAt(file, sections.topIndex, sections.properties - sections.topIndex);
  return top.flatMap(({ offset, length }) =>
    directoryAt(file, offset, length).map((part) => ({
      offset: part.offset,
      end: part.offset + part.length,
      bytes: part.inflatedLength || part.length,
    })),
  );
}

function directoryAt(file: SegmentFile, offset: number, length: number): Directory['handle'][] {
  const directory = new Directory();
  directory.open(file.read(offset, length), path, offset);
  return Array.from({ length: directory.count }, (_, record) => {
    directory.read(record);
    return directory.handle;
  });
}

/** Bytes that no compression makes smaller. */
function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed + 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

const entriesOf = (count: number, valueBytes: number) =>
  Array.from({ length: count }, (_, i) =>
    entryOf({
      key: `key:${String(i).padStart(6, '0')}`,
      timestamp: i * 7,
      seq: i + 1,
      value: noise(valueBytes, i),
    }),
  );

async function written(count: number, valueBytes: number): Promise<MemoryFileSystem> {
  const disk = new MemoryFileSystem();
  const entries = entriesOf(count, valueBytes);
  const properties = await writeSegment(disk, path, entries);
  expect(forwards(openSegment(disk, path, properties).cursor())).toEqual(entries.map(inWords));
  return disk;
}

describe('the room in a page', () => {
  it('is what is left of it, all of it at its start', () => {
    expect([0, 1, 4095, 4096, 3 * page + 64].map(roomInPage)).toEqual([4096, 4095, 1, 4096, 4032]);
  });

  it('is filled with zeros if it is little', () => {
    expect([0, page, page - 1, page - 256, page - 257, 1].map(zerosToPageEnd)).toEqual([
      0, 0, 1, 256, 0, 0,
    ]);
  });
});

describe('data blocks', () => {
  it.each([10, 100])('of values of %i bytes lie in one page each', async (valueBytes) => {
    const blocks = blocksOf(await written(2_000, valueBytes));
    const inOne = blocks.filter(({ offset, end }) => offset % page === 0 && end - offset <= page);
    expect(blocks.length).toBeGreaterThan(10);
    // All but the first, which comes behind the header.
    expect(inOne).toHaveLength(blocks.length - 1);
    expect(blocks.at(0)?.end).toBe(page);
  });

  it.each([300, 900, 1_500, 2_000])(
    'of values of %i bytes, of which few fit, are not filled with more than a sixteenth',
    async (valueBytes) => {
      const count = 400;
      const blocks = blocksOf(await written(count, valueBytes));
      const bytes = blocks.reduce((sum, block) => sum + block.bytes, 0);
      expect(bytes).toBeLessThan(count * (valueBytes + 24) * (1 + 1 / 16) + page);
    },
  );

  it('that are deflated are full, wherever they lie', async () => {
    const disk = new MemoryFileSystem();
    const entries = entriesOf(2_000, 100).map((entry) => ({ ...entry, value: Buffer.alloc(100) }));
    await writeSegment(disk, path, entries, true);
    const blocks = blocksOf(disk).slice(0, -1);
    expect(blocks.filter(({ bytes }) => bytes < page - 256)).toEqual([]);
  });
});
