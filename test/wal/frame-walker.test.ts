import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameHeaderBytes } from '../../src/wal/format.js';
import { FrameWalker } from '../../src/wal/frame-walker.js';
import type { Tail } from '../../src/wal/wal-file.js';
import { appendValues, frameAfter, makeWal, payloadOf } from '../support/wal-files.js';

/** As text, since comparing long buffers byte by byte is slow. */
const textOf = (value: string | Buffer) => payloadOf(value).toString('latin1');

function walk(walker: FrameWalker, ordinalMax = Infinity): string[] {
  const payloads: string[] = [];
  for (let frame = walker.next(ordinalMax); frame; frame = walker.next(ordinalMax)) {
    payloads.push(frame.payload.toString('latin1'));
  }
  return payloads;
}

describe('a walk over frames', () => {
  it('finds each one, whatever its size, and knows the tail behind it', () => {
    const sizes = fc.array(fc.oneof(fc.nat(100), fc.nat(20_000)), { maxLength: 8 });
    fc.assert(
      fc.property(sizes, (lengths) => {
        const { file } = makeWal();
        const values = lengths.map((length, index) => Buffer.alloc(length, index + 1));
        const tails = appendValues(file, file.start, values);
        const walker = new FrameWalker(file, file.start);
        expect(walk(walker)).toEqual(values.map(textOf));
        expect(walker.tail).toEqual(tails.at(-1));
        expect(walker.ended).toBe('end');
      }),
      { numRuns: 50 },
    );
  });

  it('stops at the ordinal that it is told, and goes on from there', () => {
    const { file } = makeWal();
    const tails = appendValues(file, file.start, ['a', 'b', 'c']);
    const walker = new FrameWalker(file, file.start);
    expect(walk(walker, 2)).toHaveLength(2);
    expect(walker.tail).toEqual(tails[2]);
    expect(walker.ended).toBe('limit');
    expect(walk(walker, 2)).toEqual([]);
    expect(walk(walker)).toEqual([textOf('c')]);
  });

  it('reads again what other walks may have read over meanwhile', () => {
    const [mine, other] = [makeWal().file, makeWal().file];
    appendValues(mine, mine.start, ['a', 'b', 'c']);
    appendValues(other, other.start, ['other'.repeat(100)]);
    const walker = new FrameWalker(mine, mine.start);
    expect(walk(walker, 1)).toEqual([textOf('a')]);
    expect(walker.next(2)?.payload.toString('latin1')).toBe(textOf('b'));
    walker.pause();
    walk(new FrameWalker(other, other.start));
    expect(walk(walker)).toEqual([textOf('c')]);
    expect(walker.ended).toBe('end');
  });

  it('does not hold on to what it read ahead', () => {
    const { file } = makeWal();
    const writer = file;
    let tail: Tail = file.start;
    const walker = new FrameWalker(file, file.start);
    for (const value of ['a', 'bb', 'c'.repeat(5000)]) {
      expect(walk(walker)).toEqual([]);
      const { frame, tail: after } = frameAfter(file, tail, payloadOf(value));
      // Half of the frame is there, as while another process is writing it; then all of it.
      writer.append(frame.subarray(0, frame.length / 2), frame.length / 2, tail.offset);
      expect(walk(walker)).toEqual([]);
      expect(walker.ended).toBe('invalid');
      writer.append(frame, frame.length, tail.offset);
      expect(walk(walker)).toEqual([textOf(value)]);
      tail = after;
    }
  });

  it('ends before a frame with any byte changed that matters', () => {
    const { file } = makeWal();
    const [, first] = appendValues(file, file.start, ['one']);
    const payload = payloadOf('value');
    const { frame } = frameAfter(file, first!, payload);
    const padding = frameHeaderBytes + payload.length;
    for (let at = 0; at < frame.length; at++) {
      const bytes = Buffer.from(frame);
      bytes[at] = (bytes[at] ?? 0) ^ 0x80;
      file.append(bytes, bytes.length, first!.offset);
      const walker = new FrameWalker(file, file.start);
      // What lies between payload and header CRC says nothing that is read here.
      const isIdle = at >= padding && at < frame.length - 4;
      expect(walk(walker), `byte ${at}`).toHaveLength(isIdle ? 2 : 1);
      if (!isIdle) expect(walker.ended).toBe('invalid');
    }
  });

  it.each([
    ['ordinal', { ordinal: 3 }],
    ['chain', { previousCrc: 1 }],
    ['seq', { firstSeq: 43 }],
    ['place', { offset: 8 }],
  ])('ends before a frame of another %s', (_, fields) => {
    const { file } = makeWal();
    const [, first] = appendValues(file, file.start, ['one']);
    const { frame } = frameAfter(file, first!, payloadOf('two'), fields);
    file.append(frame, frame.length, first!.offset);
    const walker = new FrameWalker(file, file.start);
    expect(walk(walker)).toHaveLength(1);
    expect(walker.ended).toBe('invalid');
  });

  it('takes no memory for a length that the file does not have', () => {
    const { file } = makeWal();
    const { frame } = frameAfter(file, file.start, Buffer.alloc(3 << 20));
    file.append(frame.subarray(0, 4096), 4096, file.start.offset);
    const before = process.memoryUsage().arrayBuffers;
    expect(walk(new FrameWalker(file, file.start))).toEqual([]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
  });

  it('ends at a seal, and says what it names', () => {
    const { file } = makeWal();
    const next = { generation: 4, suffix: 'fedcba9876543210' };
    const payload = Buffer.alloc(16);
    payload.writeUInt32LE(next.generation, 0);
    payload.write(next.suffix, 8, 'hex');
    const { frame } = frameAfter(file, file.start, payload, { type: 2, count: 0 });
    file.append(frame, frame.length, file.start.offset);
    const walker = new FrameWalker(file, file.start);
    expect(walk(walker)).toHaveLength(1);
    expect(walker.tail.next).toEqual(next);
    expect(walker.ended).toBe('limit');
  });
});
