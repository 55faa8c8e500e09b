import { describe, expect, it } from 'vitest';
import { walFillBytes } from '../../src/base/limits.js';
import { frameHeaderBytes } from '../../src/wal/format.js';
import { findTail, nextIntactFrame, tailBefore, walkBack } from '../../src/wal/tail-finder.js';
import type { Tail, WalFile } from '../../src/wal/wal-file.js';
import { appendValues, frameAfter, makeWal, payloadOf } from '../support/wal-files.js';

/** Writes over what is in the file, and leaves the rest of it as it is. */
function overwrite(file: WalFile, bytes: Buffer, offset: number): void {
  file.rewrite(bytes, offset);
}

function zeros(length: number): Buffer {
  return Buffer.alloc(length);
}

describe('the end of a log', () => {
  it('is its start where there are no frames', () => {
    const { file } = makeWal();
    expect(findTail(file)).toEqual(file.start);
  });

  it.each([
    ['text', ['a', 'b', 'c']],
    ['values full of zeros', [zeros(10), zeros(5000), zeros(40_000)]],
    ['empty values', ['', '', '']],
    ['a frame longer than the zeros written ahead', ['a', 'x'.repeat(3 * walFillBytes)]],
  ])('is found behind %s', (_, values: (string | Buffer)[]) => {
    const { file } = makeWal();
    let tail: Tail | undefined = file.start;
    for (const value of values) {
      tail = appendValues(file, tail, [value])[1]!;
      expect(findTail(file)).toEqual(tail);
    }
    // As it lies after rotation, without zeros ahead.
    file.cutAt(tail.offset);
    expect(findTail(file)).toEqual(tail);
  });

  it('is not found in a last frame that was torn at any byte', () => {
    const { file } = makeWal();
    const tails = appendValues(file, file.start, ['first', 'second']);
    const { frame } = frameAfter(file, tails[2]!, payloadOf('the last one'));
    for (let length = 0; length < frame.length; length++) {
      for (const hasZeros of [true, false]) {
        file.cutAt(tails[2]!.offset);
        overwrite(file, frame.subarray(0, length), tails[2]!.offset);
        if (hasZeros) overwrite(file, zeros(4096), tails[2]!.offset + length);
        const found = findTail(file);
        // A few bytes at the very end of the file are not looked at: the next frame covers them.
        if (length === 0 || (length < 8 && !hasZeros)) expect(found).toEqual(tails[2]);
        else expect(found, `${length} bytes`).toBeUndefined();
      }
    }
  });

  it('is not found behind a frame of which any block is missing', () => {
    const { file } = makeWal();
    const tails = appendValues(file, file.start, ['first', 'x'.repeat(20_000)]);
    const { offset } = tails[1]!;
    for (const at of [offset, tails[2]!.offset - 8]) {
      const { file: torn } = makeWal();
      const copies = appendValues(torn, torn.start, ['first', 'x'.repeat(20_000)]);
      expect(findTail(torn)).toEqual(copies[2]);
      overwrite(torn, zeros(8), at);
      expect(findTail(torn)).toBeUndefined();
    }
  });

  it('is not found with any byte of the last header or trailer changed', () => {
    const { file } = makeWal();
    const tails = appendValues(file, file.start, ['first', 'second']);
    const { offset } = tails[1]!;
    const { frame } = frameAfter(file, tails[1]!, payloadOf('second'));
    for (let at = 0; at < frame.length; at++) {
      const bytes = Buffer.from(frame);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      overwrite(file, bytes, offset);
      const isLookedAt = at < frameHeaderBytes || at >= frame.length - 8;
      expect(findTail(file), `byte ${at}`).toEqual(isLookedAt ? undefined : tails[2]);
    }
  });

  it('is not taken for behind a gap of zeros longer than those written ahead', () => {
    const { file } = makeWal();
    appendValues(file, file.start, ['first']);
    overwrite(file, zeros(8), 3 * walFillBytes);
    expect(findTail(file)).toBeUndefined();
  });

  it('is behind the frame that holds copies of frames, not in it', () => {
    const { file } = makeWal();
    const tails = appendValues(file, file.start, ['first', 'second']);
    const copied = frameAfter(file, tails[1]!, payloadOf('second')).frame;
    const value = Buffer.concat([zeros(16), copied, copied, zeros(8), copied]);
    const after = appendValues(file, tails[2]!, [value, value]);
    expect(findTail(file)).toEqual(after[2]);
    // Torn behind the copy in its value: neither the copy nor anything else is taken.
    const start = after[1]!.offset;
    const { frame } = frameAfter(file, after[1]!, payloadOf(value));
    for (let length = frame.length - copied.length - 24; length < frame.length; length++) {
      file.cutAt(start);
      overwrite(file, frame.subarray(0, length), start);
      overwrite(file, zeros(4096), start + length);
      expect(findTail(file), `${length} bytes`).toBeUndefined();
    }
  });

  it('is found at a seal, with the name in it', () => {
    const { file } = makeWal();
    const [, first] = appendValues(file, file.start, ['first']);
    const payload = Buffer.alloc(16);
    payload.writeUInt32LE(4, 0);
    payload.write('fedcba9876543210', 8, 'hex');
    const { frame } = frameAfter(file, first!, payload, { type: 2, count: 0 });
    file.append(frame, frame.length, first!.offset);
    expect(findTail(file)?.next).toEqual({ generation: 4, suffix: 'fedcba9876543210' });
    overwrite(file, Buffer.from([9]), first!.offset + frameHeaderBytes);
    expect(findTail(file), 'a damaged seal').toBeUndefined();
  });
});

describe('walking back', () => {
  it('comes to each tail before', () => {
    const { file } = makeWal();
    const tails = appendValues(file, file.start, ['a', 'b'.repeat(5000), '', 'd']);
    for (const tail of tails) expect(walkBack(file, tails.at(-1)!, tail.ordinal)).toEqual(tail);
  });

  it('stops where the chain is broken', () => {
    const { file } = makeWal();
    const tails = appendValues(file, file.start, ['a', 'b', 'c']);
    // The same frame with another commit time: whole, and not the one that the next one follows.
    const { frame } = frameAfter(file, tails[1]!, payloadOf('b'), { commitTime: 6 });
    overwrite(file, frame, tails[1]!.offset);
    expect(walkBack(file, tails[3]!, 2)).toBeUndefined();
    expect(findTail(file)).toEqual(tails[3]);
  });
});

describe('the next intact frame', () => {
  it('is found behind damage, wherever that lies', () => {
    const { file } = makeWal();
    const values = ['a', 'b', 'x'.repeat(2 << 20), 'd'];
    const tails = appendValues(file, file.start, values);
    for (const [index, tail] of tails.slice(0, 4).entries()) {
      const found = nextIntactFrame(file, tail.offset);
      expect(found?.ordinal).toBe(index + 1);
      // It tells of the frame before it how that ends, and not where it begins.
      const known = { ...tail, frameOffset: undefined };
      expect(found && { ...tailBefore(found), lastNow: tail.lastNow }).toEqual(known);
      expect(nextIntactFrame(file, tail.offset + 8)?.ordinal).toBe(
        index === 3 ? undefined : index + 2,
      );
    }
  });

  it('is neither a frame with a damaged payload nor a copy inside of a value', () => {
    const { file } = makeWal();
    const tails = appendValues(file, file.start, ['a', 'b']);
    const { frame } = frameAfter(file, tails[1]!, payloadOf('b'));
    const after = appendValues(file, tails[2]!, [Buffer.concat([zeros(32), frame]), 'd']);
    overwrite(file, Buffer.from('z'), after[1]!.offset - 20);
    expect(nextIntactFrame(file, tails[2]!.offset)?.ordinal).toBe(4);
  });
});
