import { describe, expect, it } from 'vitest';
import { EditBuffer } from '../../../src/cli/editor/edit-buffer.js';
import { EditHistory } from '../../../src/cli/editor/edit-history.js';
import { edit, keyName, pastedText, typedText } from '../../../src/cli/editor/edit-keys.js';

/** The buffer as text with `|` for the cursor. */
function shown(buffer: EditBuffer): string {
  return `${buffer.text.slice(0, buffer.cursor)}|${buffer.text.slice(buffer.cursor)}`;
}

/** Types a text with `|` for the cursor, and presses keys. */
function after(text: string, ...keys: string[]): string {
  const buffer = new EditBuffer();
  const [before = '', behind = ''] = text.split('|');
  buffer.reset(before + behind);
  while (buffer.cursor > before.length) buffer.left();
  for (const key of keys) edit(buffer, key);
  return shown(buffer);
}

describe('a key', () => {
  it.each<[string, string[], string]>([
    ['get a|', ['left'], 'get |a'],
    ['👨‍👩‍👧e\u0301|', ['left', 'left'], '|👨‍👩‍👧e\u0301'],
    ['|世界', ['right'], '世|界'],
    ['|', ['left', 'right', 'backspace', 'delete', 'ctrl+k', 'ctrl+w'], '|'],
    ['get a|', ['ctrl+a'], '|get a'],
    ['|get a', ['end'], 'get a|'],
    ['one\ntwo|', ['home'], 'one\n|two'],
    ['o|ne\ntwo', ['end'], 'one|\ntwo'],
    ['get user:anna|', ['ctrl+left'], 'get user:|anna'],
    ['|get user', ['meta+f', 'meta+f'], 'get user|'],
    ['a😀|', ['backspace'], 'a|'],
    ['e\u0301|', ['backspace'], '|'],
    ['a|bc', ['delete'], 'a|c'],
    ['get user:a|', ['ctrl+w'], 'get |'],
    ['get user:a|', ['meta+backspace'], 'get user:|'],
    ['|get a', ['meta+d'], '| a'],
    ['ab|cd', ['ctrl+u'], '|cd'],
    ['ab|cd', ['ctrl+k'], 'ab|'],
    ['ab|cd', ['ctrl+k', 'home', 'ctrl+y'], 'cd|ab'],
    ['ab|cd', ['ctrl+k', 'ctrl+u', 'ctrl+_', 'ctrl+_'], 'ab|cd'],
    ['ab|', ['ctrl+_'], 'ab|'],
  ])('%j, %j: %j', (text, keys, expected) => {
    expect(after(text, ...keys)).toBe(expected);
  });

  it('has a name, or types a text', () => {
    expect(keyName({ sequence: '\u001b[1;5D', name: 'left', ctrl: true })).toBe('ctrl+left');
    expect(keyName({ sequence: '\n', name: 'enter' })).toBe('return');
    expect(keyName({ sequence: '\u001f' })).toBe('ctrl+_');
    expect(typedText('世', { sequence: '世' })).toBe('世');
    expect(typedText('\t', { sequence: '\t', name: 'tab' })).toBeUndefined();
    expect(typedText('a', { sequence: '\u001ba', name: 'a', meta: true })).toBeUndefined();
    expect(edit(new EditBuffer(), 'constructor')).toBe(false);
  });

  it('moves between the rows of what was pasted', () => {
    const buffer = new EditBuffer();
    buffer.reset('long line\nx\nlast');
    expect(buffer.moveRow(-1)).toBe(true);
    expect(shown(buffer)).toBe('long line\nx|\nlast');
    expect(buffer.moveRow(-1)).toBe(true);
    expect(shown(buffer)).toBe('l|ong line\nx\nlast');
    expect(buffer.moveRow(-1)).toBe(false);
    expect(buffer.moveRow(1)).toBe(true);
    expect(shown(buffer)).toBe('long line\nx|\nlast');
  });
});

it('what is pasted comes as lines, and drives nothing', () => {
  expect(pastedText('a\r\nb\rc\n')).toBe('a\nb\nc');
  expect(pastedText('a\u001b[31m\tb\u0000\u009b')).toBe('a[31m\tb');
});

describe('the lines typed before', () => {
  const history = new EditHistory(['get a', 'set a 1', 'get b', 'get a'], 3);

  it('are walked as far as they begin like what was typed', () => {
    history.rest();
    expect(history.walk(1, 'get', 3)).toBe('get a');
    expect(history.walk(1, 'get a', 5)).toBe('get b');
    expect(history.walk(1, 'get b', 5)).toBeUndefined();
    expect(history.walk(-1, 'get b', 5)).toBe('get a');
    expect(history.walk(-1, 'get a', 5)).toBe('get');
    expect(history.walk(-1, 'get', 3)).toBeUndefined();
  });

  it('are searched from the newest', () => {
    expect(history.find('et a', 1)).toEqual({ line: 'get a', back: 1 });
    expect(history.find('et a', 2)).toEqual({ line: 'set a 1', back: 3 });
    expect(history.find('nothing', 1)).toBeUndefined();
  });

  it('are bounded, and none is kept twice', () => {
    const bounded = new EditHistory([], 2);
    for (const line of ['a', 'b', 'a', 'c']) bounded.add(line);
    expect(bounded.walk(1, '', 0)).toBe('c');
    expect(bounded.walk(1, 'c', 1)).toBe('a');
    expect(bounded.walk(1, 'a', 1)).toBeUndefined();
  });
});
