import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  csvCell,
  readCsvRow,
  readTsvCell,
  tsvCell,
  type Cell,
} from '../../../src/cli/display/cells.js';
import { readable, visible, visibleLines } from '../../../src/cli/base/terminal-text.js';

const bytes = fc.oneof(
  fc.uint8Array().map((array) => Buffer.from(array)),
  fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
  fc
    .string({ unit: fc.constantFrom('"', ',', '\n', '\r', '\t', '\\', 'N', 'x', 'ä', ' ') })
    .map((text) => Buffer.from(text)),
);
const cell = fc.option(bytes, { nil: undefined });

describe('a TSV cell', () => {
  it.each<[Cell, string]>([
    [undefined, '\\N'],
    ['', ''],
    [Buffer.alloc(0), ''],
    [-5, '-5'],
    ['a\tb\nc\\d', 'a\\tb\\nc\\\\d'],
    ['\\N', '\\\\N'],
    [Buffer.from([0x61, 0xff, 0x00, 0x62]), 'a\\xff\0b'],
    [Buffer.from([0xc3]), '\\xc3'],
    [Buffer.from([0xe2, 0x82, 0xac, 0xe2, 0x82]), '€\\xe2\\x82'],
    [Buffer.from([0xed, 0xa0, 0x80]), '\\xed\\xa0\\x80'],
    [Buffer.from('ä\t'), 'ä\\t'],
  ])('%j is written %j', (value, expected) => {
    expect(String(tsvCell(value))).toBe(expected);
  });

  it('comes back as it was, in one line and one cell', () => {
    fc.assert(
      fc.property(cell, (value) => {
        const written = String(tsvCell(value));
        expect(written).not.toMatch(/[\t\n\r]/);
        expect(readTsvCell(Buffer.from(written))).toEqual(value);
      }),
    );
  });

  it.each(['\\', 'a\\', '\\q', '\\x', '\\x1', '\\xg0'])('%j has no meaning', (text) => {
    expect(() => readTsvCell(Buffer.from(text))).toThrow(RangeError);
  });
});

describe('a CSV cell', () => {
  it.each<[Cell, string]>([
    [undefined, ''],
    ['', '""'],
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    [' padded', '" padded"'],
    ['line\nline', '"line\nline"'],
    [7, '7'],
  ])('%j is written %j', (value, expected) => {
    expect(csvCell(value)).toBe(expected);
  });

  it('leaves bytes that are no UTF-8 as they are', () => {
    expect(csvCell(Buffer.from([0xff, 0x22, 0xfe]))).toEqual(
      Buffer.from([0x22, 0xff, 0x22, 0x22, 0xfe, 0x22]),
    );
  });

  it('comes back as it was, with its neighbours', () => {
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1 }), (cells) => {
        const written = cells.map((value) => Buffer.from(csvCell(value)).toString('latin1'));
        expect(readCsvRow(written.join(','))).toEqual(cells);
      }),
    );
  });

  it('knows an open quote from a misplaced one', () => {
    expect(readCsvRow('a,"b')).toBeUndefined();
    expect(readCsvRow('"a""')).toBeUndefined();
    expect(() => readCsvRow('"a"b,c')).toThrow('not followed by a comma');
    expect(() => readCsvRow('a"b,c')).toThrow('has to be quoted');
  });
});

describe('text on a terminal', () => {
  it.each([
    ['plain äöü 漢字 👍', 'plain äöü 漢字 👍'],
    ['\x1b[31mred', '\\x1b[31mred'],
    ['bell\x07', 'bell\\x07'],
    ['\x7f', '\\x7f'],
    ['\u009b2J', '\\u009b2J'],
    ['\u202eevil', '\\u202eevil'],
    ['\r\n\t', '\\r\\n\\t'],
  ])('%j cannot drive it', (text, expected) => {
    expect(visible(text)).toBe(expected);
  });

  it('keeps lines where lines are meant', () => {
    expect(visibleLines('a\n\tb\r\x1b')).toBe('a\n\tb\\r\\x1b');
  });

  it('shows bytes that are no text', () => {
    expect(readable(Buffer.from([0x61, 0x80, 0x62]))).toBe('a\\x80b');
    expect(readable(new Uint8Array([0x61]))).toBe('a');
  });

  it('escapes no byte that is part of a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const withBad = Buffer.concat([Buffer.from(text), Buffer.from([0xff])]);
        expect(readable(withBad)).toBe(`${text}\\xff`);
      }),
    );
    const edges = '\x7f\u0080\u07ff\u0800\ud7ff\ue000\uffff\u{10000}\u{10ffff}';
    expect(readable(Buffer.from(`${edges}\xff`, 'utf8').subarray(0, -1))).toBe(`${edges}\\xc3`);
  });

  it.each([
    'c080',
    'c1bf',
    'e09fbf',
    'eda080',
    'f08fbfbf',
    'f4908080',
    'f5808080',
    'e282',
    'f09f98',
  ])('escapes %s, which is no UTF-8', (hex) => {
    const escaped = hex.replaceAll(/../g, '\\x$&');
    expect(readable(Buffer.from(hex, 'hex'))).toBe(escaped);
    expect(readable(Buffer.from(`${hex}61`, 'hex'))).toBe(`${escaped}a`);
  });
});
