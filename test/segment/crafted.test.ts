/** Files whose checksums are right and whose content is not: what a faulty writer would leave. */
import { beforeAll, expect, test } from 'vitest';
import { Directory } from '../../src/segment/directory.js';
import { Checksums, encodeFooter } from '../../src/segment/format.js';
import type { SegmentProperties } from '../../src/base/segment-properties.js';
import { SegmentFile } from '../../src/segment/segment-file.js';
import type { SegmentReader } from '../../src/segment/segment-reader.js';
import { MemoryFileSystem } from './support/memory-file-system.js';
import { entryOf, forwards, openSegment, segmentId, writeSegment } from './support/segments.js';

/** In a directory's record: flags u8, then the handle: offset u48, length u32, checksum u32. */
const handleBytes = 14;

let properties: SegmentProperties;
let whole: Buffer;

beforeAll(async () => {
  const disk = new MemoryFileSystem();
  const entries = Array.from({ length: 100 }, (_, i) =>
    entryOf({ key: `key-${i + 100}`, value: Buffer.alloc(100, i) }),
  );
  properties = await writeSegment(disk, 's', entries);
  whole = disk.files.get('s')!;
});

/** Opens the file after a change to the handles in its only index block. */
function openWith(change: (handles: Buffer[]) => void): SegmentReader {
  const disk = new MemoryFileSystem();
  const bytes = Buffer.from(whole);
  disk.files.set('s', bytes);
  const { footer } = new SegmentFile(disk, 's');
  const { filterDirectory, topIndex } = footer.sections;
  const [index] = handlesIn(bytes, topIndex, footer.sections.properties);
  // It is the last block of the file.
  const indexBlock = index!.readUIntLE(0, 6);
  change(handlesIn(bytes, indexBlock, filterDirectory));

  const checksums = new Checksums(segmentId);
  const of = (start: number, end: number) => checksums.of(bytes.subarray(start, end), start);
  index!.writeUInt32LE(of(indexBlock, filterDirectory), handleBytes - 4);
  footer.checksums.topIndex = of(topIndex, footer.sections.properties);
  const encoded = encodeFooter(footer, segmentId);
  encoded.bytes.copy(bytes, bytes.length - encoded.bytes.length);
  return openSegment(disk, 's', { ...properties, checksum: encoded.checksum });
}

/** The handles in a directory, as views. */
function handlesIn(bytes: Buffer, start: number, end: number): Buffer[] {
  const directory = new Directory();
  const part = bytes.subarray(start, end);
  directory.open(part, 's', start);
  const handles: Buffer[] = [];
  for (let i = 0; i < directory.count; i++) {
    directory.read(i);
    // Flags and bounds stand before and behind it.
    const at = directory.at - 16 - handleBytes;
    handles.push(part.subarray(at, at + handleBytes));
  }
  return handles;
}

test('the change alone is no damage', () => {
  const reader = openWith((handles) => {
    expect(handles.length).toBeGreaterThan(2);
  });
  expect(forwards(reader.cursor())).toHaveLength(100);
});

test('blocks that are out of order stop a cursor', () => {
  const reader = openWith(([, second, third]) => {
    const former = Buffer.from(second!);
    third!.copy(second!);
    former.copy(third!);
  });
  expect(() => forwards(reader.cursor())).toThrow('does not come after the one before it');
});

test.each([
  ['the header', 0],
  ['the directories', 'directories'],
  ['nowhere', 2 ** 40],
] as const)('a block in %s is not read', (_, place) => {
  const reader = openWith(([first]) => {
    const disk = new MemoryFileSystem();
    disk.files.set('s', whole);
    const { sections } = new SegmentFile(disk, 's').footer;
    first!.writeUIntLE(place === 'directories' ? sections.filterDirectory : place, 0, 6);
  });
  expect(() => reader.find(Buffer.from('key-100'), 0)).toThrow('where none can be');
});

test('a block of an impossible length is not allocated', () => {
  const reader = openWith(([first]) => {
    first!.writeUInt32LE(0xffff_ffff, 6);
  });
  expect(() => reader.find(Buffer.from('key-100'), 0)).toThrow('where none can be');
  expect(() => forwards(reader.cursor())).toThrow('where none can be');
});
