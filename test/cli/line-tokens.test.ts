import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteToken, splitLine, tokensOf } from '../../src/cli/line-tokens.js';

function split(line: string) {
  return tokensOf(Buffer.from(line));
}

describe('a line', () => {
  it.each([
    ['', []],
    ['   \t ', []],
    ['# a comment', []],
    ['  # too', []],
    ['set a 1', ['set', 'a', '1']],
    ['  set \t a   1  \r', ['set', 'a', '1']],
    ['set a #5', ['set', 'a', '#5']],
    ['set a "hello world"', ['set', 'a', 'hello world']],
    ["set a 'it\\'s \\n'", ['set', 'a', "it's \\n"]],
    ['set a "\\n\\r\\t\\b\\a\\"\\\\\\q"', ['set', 'a', '\n\r\t\b\x07"\\q']],
    ['set a ""', ['set', 'a', '']],
    ["''", ['']],
    ['set a "\\x41\\xc3\\xa4"', ['set', 'a', 'Aä']],
    ['set ä "ö ü"', ['set', 'ä', 'ö ü']],
    ['a"b c"', ['ab c']],
    ['back\\slash', ['back\\slash']],
    ['$HOME * ; | `x`', ['$HOME', '*', ';', '|', '`x`']],
  ])('%j', (line, expected) => {
    expect(split(line)).toEqual(expected);
  });

  it('may hold any bytes', () => {
    expect(split('set a "\\xff\\x00"')).toEqual(['set', 'a', Buffer.from([0xff, 0])]);
    expect(tokensOf(Buffer.from([0x61, 0x20, 0xfe]))).toEqual(['a', Buffer.from([0xfe])]);
  });

  it.each(['"a"b', "'a'b", '"a""b"'])('%s lacks a blank', (line) => {
    expect(() => split(line)).toThrow('has to be followed by a blank');
  });

  it.each([
    ['set a "open', '"'],
    ["set a 'open", "'"],
    ['"', '"'],
    ['set a "x\\"', '"'],
  ])('%s ends inside a quote', (line, quote) => {
    expect(splitLine(Buffer.from(line)).open).toBe(quote);
    expect(() => split(line)).toThrow('is not closed');
  });

  it('tells where each token begins, in bytes', () => {
    const { tokens } = splitLine(Buffer.from('gät "x y" z'));
    expect(tokens.map(({ start }) => start)).toEqual([0, 5, 11]);
  });
});

describe('a quoted token', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = quoteToken(text);
        expect(line).not.toMatch(/[\n\r]/);
        expect(split(line)).toEqual([text]);
      }),
    );
  });

  it.each(['user:1', 'a/b.c', 'naïve'])('%s needs no quotes', (text) => {
    expect(quoteToken(text)).toBe(text);
  });

  it.each(['', '#x', '-x', 'a b', 'a"b', "a'b"])('%j needs them', (text) => {
    expect(quoteToken(text)).not.toBe(text);
  });
});
