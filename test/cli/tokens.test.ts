import { describe, expect, it } from 'vitest';
import { markTokens, nearest, readToken, tokenText } from '../../src/cli/tokens.js';

const options = [
  { name: 'dir', char: 'd', takesValue: true },
  { name: 'limit', takesValue: true },
  { name: 'raw', char: 'n', takesValue: false },
  { name: 'json', takesValue: false },
];

/** The options as oclif gets them, and the positional tokens as commands get them. */
function sorted(...tokens: (string | Buffer)[]) {
  const marked = markTokens(tokens, options);
  return {
    options: marked.options.map((token) => token.replace('\0', '')),
    positional: marked.positional.map((token) => readToken(token)),
  };
}

function text(value: string) {
  return { kind: 'text', text: value };
}

describe('a token', () => {
  it.each(['-5', '-10', '-.5', '-0', '-2h', '-9x', '-5=3', '-1d'])(
    '%s is never an option',
    (token) => {
      expect(sorted('k', token, '--json')).toEqual({
        options: ['--json'],
        positional: [text('k'), text(token)],
      });
    },
  );

  it('that is a hyphen is one before --, and text after it', () => {
    expect(sorted('k', '-').positional).toEqual([text('k'), { kind: 'hyphen' }]);
    expect(sorted('k', '--', '-').positional).toEqual([text('k'), text('-')]);
  });

  it('after -- is data', () => {
    expect(sorted('--', '--json', '-n', '--', '-')).toEqual({
      options: [],
      positional: [text('--json'), text('-n'), text('--'), text('-')],
    });
  });

  it.each([
    [['--dir', 'x'], '--dir=x'],
    [['--dir=x'], '--dir=x'],
    [['--dir=a=b'], '--dir=a=b'],
    [['--dir='], '--dir='],
    [['--dir=--json'], '--dir=--json'],
    [['-d', 'x'], '--dir=x'],
    [['-dx'], '--dir=x'],
    [['-d=x'], '--dir=x'],
    [['--limit', '-5'], '--limit=-5'],
    [['--dir', '-'], '--dir=-'],
  ])('%j sets an option', (tokens, expected) => {
    expect(sorted(...tokens, 'k')).toEqual({ options: [expected], positional: [text('k')] });
  });

  it('may hold several short options', () => {
    expect(sorted('-nd', 'x').options).toEqual(['--raw', '--dir=x']);
  });

  it.each([
    [['--foo'], 'unknown option --foo'],
    [['--jsn'], 'did you mean --json?'],
    [['-x'], 'unknown option -x'],
    [['-nx'], 'unknown option -nx'],
    [['--json=true'], '--json takes no value'],
    [['--limit'], '--limit needs a value'],
    [['--limit', '--json'], '--limit needs a value'],
    [['--limit', '--', 'k'], '--limit needs a value'],
    [['-d'], '--dir needs a value'],
  ])('%j is refused: %s', (tokens, message) => {
    expect(() => sorted(...tokens)).toThrow(message);
  });

  it('may be bytes where bytes are taken', () => {
    const bytes = Buffer.from([0xff, 0x00]);
    const [token = ''] = markTokens([bytes], options).positional;
    expect(readToken(token)).toEqual({ kind: 'bytes', bytes });
    expect(() => tokenText(token)).toThrow('not valid UTF-8');
  });

  it('is not mistaken for what it is marked with', () => {
    for (const odd of ['\0', '\x01', '\0-', '\x01ab', '']) {
      expect(sorted(odd).positional).toEqual([text(odd)]);
    }
  });
});

describe('a mistyped name', () => {
  it.each([
    ['gte', 'get'],
    ['histroy', 'history'],
    ['delte', 'delete'],
    ['scn', 'scan'],
    ['st', 'set'],
    ['frobnicate', undefined],
    ['x', undefined],
  ])('%s is nearest to %s', (written, expected) => {
    expect(nearest(written, ['get', 'set', 'scan', 'delete', 'history', 'keys'])).toBe(expected);
  });
});
