/** The example of docs/format-segment.md, byte by byte: what is written stays readable for ever. */
import { expect, test } from 'vitest';
import { Kind } from '../../src/base/entry.js';
import { readProperties } from '../../src/segment/segment-file.js';
import { MemoryFileSystem } from './support/memory-file-system.js';
import {
  entryOf,
  forwards,
  inWords,
  openSegment,
  storeId,
  writeSegment,
} from './support/segments.js';

const entries = [
  entryOf({ key: 'foo', timestamp: 20, seq: 2, kind: Kind.tombstone }),
  entryOf({ key: 'foo', timestamp: 1, seq: 1, value: Buffer.from('bar') }),
];

const example = Buffer.from(
  [
    // 0: header
    '74696d656b765347 01000000 00000000 00000000 00000000',
    '000102030405060708090a0b0c0d0e0f f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff 00000000 bbd802b8',
    // 64: data block
    '01000000 0300 02 00 666f6f 0d00',
    '00 02 01 00f0 111413 110201 9003 0201 626172',
    // 95: filter block
    '00000001000000000000000000000000 00000000000000000100000000000000',
    '00000000000000000800000000000000 00040000000001000000000000080000',
    // 159: index block
    '01000000 0300 02 00 666f6f 0d00',
    '00 04 400000000000 1f000000 20db04db 0100000000000000 1400000000000000',
    // 204: filter directory
    '01000000 0300 02 00 666f6f 0d00 00 00 5f0000000000 40000000 b6ed8666',
    // 233: top index
    '01000000 0300 02 00 666f6f 0d00',
    '00 04 9f0000000000 2d000000 b74af5c9 0100000000000000 1400000000000000',
    // 278: properties
    '0200000000000000 0100000000000000 0900000000000000 0100000000000000',
    '1400000000000000 0100000000000000 0200000000000000 0300 666f6f 0300 666f6f',
    // 344: footer
    'cc00000000000000 e900000000000000 1601000000000000 a801000000000000',
    '474e9e89 3c8ddad0 4bed49d8 bbd802b8',
    'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff 01000000 6616ebb0 74696d656b765345',
  ]
    .join('')
    .replaceAll(' ', ''),
  'hex',
);

test('the example is what is written', async () => {
  const disk = new MemoryFileSystem();
  await writeSegment(disk, 's', entries);
  expect(disk.files.get('s')?.toString('hex')).toBe(example.toString('hex'));
});

test('the example can be read', () => {
  const disk = new MemoryFileSystem();
  disk.files.set('s', example);
  const known = readProperties(disk, 's');
  expect(known.storeId).toBe(storeId);
  expect(known.properties).toMatchObject({ bytes: 424, entries: 2, keys: 1, userBytes: 9 });
  const reader = openSegment(disk, 's', known.properties);
  expect(forwards(reader.cursor())).toEqual(entries.map(inWords));
  expect(reader.find(Buffer.from('foo'), 19)?.value.toString()).toBe('bar');
});
