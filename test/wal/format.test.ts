import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../src/base/bytes.js';
import { timestampMax } from '../../src/base/limits.js';
import {
  decodeFileHeader,
  decodeFrameHeader,
  decodeSeal,
  encodeFileHeader,
  encodeFrame,
  encodeSeal,
  fileHeaderBytes,
  frameBytes,
  FrameDurability,
  frameHeaderBytes,
  FrameType,
  noNow,
} from '../../src/wal/format.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { fileHeader } from '../support/wal-files.js';

const hex = (bytes: number) =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((array) => Buffer.from(array).toString('hex'));
const uint32 = fc.nat(2 ** 32 - 1);
const uint53 = fc.maxSafeNat();
const now = fc.oneof(fc.constant(noNow), fc.integer({ min: -timestampMax, max: timestampMax }));

describe('the file header', () => {
  it('comes back as it was', () => {
    const headers = fc.record({
      salt: uint32,
      storeId: hex(16),
      generation: uint53,
      baseSeq: uint53,
      lastNow: now,
      bootId: fc.oneof(fc.constant(''), hex(16)).filter((id) => !/^0+$/.test(id)),
      createdAt: fc.maxSafeInteger(),
      previousEnd: uint53,
      previousCrc: uint32,
      lastCommitTime: now,
    });
    fc.assert(
      fc.property(headers, (header) => {
        expect(decodeFileHeader(encodeFileHeader(header), 'a.wal')).toEqual(header);
      }),
    );
  });

  it('is not taken with any byte changed, nor cut short', () => {
    const bytes = encodeFileHeader(fileHeader);
    for (let at = 0; at < fileHeaderBytes; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x40;
      expect(decodeFileHeader(changed, 'a.wal'), `byte ${at}`).toBeUndefined();
      expect(decodeFileHeader(bytes.subarray(0, at), 'a.wal')).toBeUndefined();
    }
  });

  it.each([
    [8, 'format 2'],
    [12, 'features 2'],
  ])('of a newer format is refused by name (byte %i)', async (at, what) => {
    const bytes = encodeFileHeader(fileHeader);
    bytes.writeUInt32LE(2, at);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, fileHeaderBytes - 4)), fileHeaderBytes - 4);
    const error = await expectRefusal('ERR_TIMEKV_UNSUPPORTED_FORMAT', () =>
      decodeFileHeader(bytes, 'a.wal'),
    );
    expect(error.message).toContain(what);
    expect(error.file).toBe('a.wal');
  });
});

describe('a frame', () => {
  const frames = fc.record({
    payloadBytes: fc.nat(40),
    previousCrc: uint32,
    type: fc.constantFrom(FrameType.data, FrameType.seal),
    durability: fc.constantFrom(FrameDurability.full, FrameDurability.process),
    offset: uint53.map((n) => n - (n % 8)),
    ordinal: uint32,
    durable: uint32,
    count: uint32,
    firstSeq: uint53,
    commitTime: fc.maxSafeInteger(),
    lastNow: now,
  });

  it('comes back as it was, with its length and the header CRC at its end', () => {
    fc.assert(
      fc.property(frames, uint32, (header, salt) => {
        const bytes = Buffer.alloc(frameBytes(header.payloadBytes), 7);
        const headerCrc = encodeFrame(bytes, header, salt);
        const payload = bytes.subarray(frameHeaderBytes, frameHeaderBytes + header.payloadBytes);
        const payloadCrc = crc32(payload, salt);
        const back = decodeFrameHeader(bytes, header.offset, salt);
        expect(back).toEqual({ ...header, headerCrc, payloadCrc });
        expect(bytes.length % 8).toBe(0);
        expect(bytes.readUInt32LE(bytes.length - 8)).toBe(bytes.length);
        expect(bytes.readUInt32LE(bytes.length - 4)).toBe(headerCrc);
      }),
    );
  });

  it('is not taken with any byte of its header changed, elsewhere, or with another salt', () => {
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 255 }), (header, mask) => {
        const bytes = Buffer.alloc(frameBytes(header.payloadBytes));
        encodeFrame(bytes, header, 99);
        for (let at = 0; at < frameHeaderBytes; at++) {
          bytes[at] = (bytes[at] ?? 0) ^ mask;
          expect(decodeFrameHeader(bytes, header.offset, 99), `byte ${at}`).toBeUndefined();
          bytes[at] = (bytes[at] ?? 0) ^ mask;
        }
        expect(decodeFrameHeader(bytes, header.offset + 8, 99)).toBeUndefined();
        expect(decodeFrameHeader(bytes, header.offset, 98)).toBeUndefined();
        expect(decodeFrameHeader(bytes, header.offset, 99)).toBeDefined();
      }),
      { numRuns: 20 },
    );
  });
});

describe('a seal', () => {
  it('names the next file', () => {
    fc.assert(
      fc.property(fc.record({ generation: uint53, suffix: hex(8) }), (next) => {
        expect(decodeSeal(encodeSeal(next))).toEqual(next);
      }),
    );
  });
});
