import { describe, expect, it } from 'vitest';
import { displayWidth, graphemesOf } from '../../../src/cli/display/display-width.js';
import { layOut, type Picture } from '../../../src/cli/editor/edit-layout.js';
import { EditScreen } from '../../../src/cli/editor/edit-screen.js';
import { Random } from '../../support/random.js';
import { Paper } from '../support/paper.js';

const bold = (text: string): string => `\u001b[1m${text}\u001b[22m`;

function picture(text: string, more: Partial<Picture> = {}): Picture {
  const whole = { prompt: '> ', continuation: '. ', text, cursor: text.length };
  return { ...whole, spans: [], hint: '', ...more };
}

function drawn(columns: number, ...pictures: Picture[]): Paper {
  const paper = new Paper(columns);
  const screen = new EditScreen(paper);
  for (const one of pictures) screen.draw(one);
  return paper;
}

describe('the width of', () => {
  it.each([
    ['abc', 3],
    ['ümläut', 6],
    ['e\u0301', 1],
    ['世界', 4],
    ['ｗｉｄｅ', 8],
    ['😀', 2],
    ['한국', 4],
    ['\u200b', 0],
    ['→', 1],
  ])('%j', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it('a family is one character to a reader', () => {
    expect(graphemesOf('a👨‍👩‍👧e\u0301')).toEqual(['a', '👨‍👩‍👧', 'e\u0301']);
  });
});

describe('a line that is typed', () => {
  it('wraps, also before a character that is too wide for the last column', () => {
    const { rows, cursor } = layOut(picture('abcde世f'), 8);
    expect(rows.map(({ text }) => text)).toEqual(['> abcde ', '世f']);
    expect(rows.map(({ isFull }) => isFull)).toEqual([true, false]);
    expect(cursor).toEqual({ row: 1, column: 3 });
  });

  it('has a row for the cursor behind its last column', () => {
    const paper = drawn(8, picture('abcdef'));
    expect(paper.text).toBe('> abcdef');
    expect(paper.cursor).toEqual([1, 0]);
  });

  it('has rows of its own for pasted lines', () => {
    const paper = drawn(8, picture('set a 1\nget a\tb', { cursor: 8 }));
    expect(paper.text).toBe('> set a\n1\n. get a\n\\tb');
    expect(paper.cursor).toEqual([2, 2]);
  });

  it('shows of a hint what has room, and nothing drives the terminal', () => {
    const paper = drawn(10, picture('get', { hint: ' KEY [TIME]' }));
    expect(paper.text).toBe('> get KEY');
    expect(drawn(20, picture('a\u001b[2Jb')).text).toBe('> a\\x1b[2Jb');
  });

  it('is painted in runs, and not drawn again where nothing changes', () => {
    const spans = [{ start: 0, end: 3, paint: bold }];
    const [row] = layOut(picture('get a', { spans }), 20).rows;
    expect(row?.text).toBe(`> ${bold('get')} a`);
    const once = drawn(20, picture('get a', { spans })).written;
    expect(drawn(20, picture('get a', { spans }), picture('get a', { spans })).written).toBe(once);
  });

  it('is drawn where the cursor is, if it has more rows than the terminal', () => {
    const text = Array.from({ length: 9 }, (_, line) => `line${line}`).join('\n');
    for (const [cursor, first] of [
      [0, '> line0'],
      [text.length, '. line6'],
    ] as const) {
      const paper = new Paper(20, 3);
      new EditScreen(paper).draw(picture(text, { cursor }));
      expect(paper.text.split('\n')[0]).toBe(first);
      expect(paper.text.split('\n')).toHaveLength(3);
    }
  });

  it('leaves nothing of what it was before', () => {
    const random = new Random();
    const alphabet = ['a', 'b', ' ', 'ü', '世', '😀', 'e\u0301', '\n', '\t'];
    for (let round = 0; round < 300; round += 1) {
      const columns = random.integer(4, 14);
      const pictures = Array.from({ length: 4 }, () => {
        const graphemes = Array.from({ length: random.integer(0, 25) }, () =>
          random.pick(alphabet),
        );
        const text = graphemes.join('');
        const cursor = graphemes.slice(0, random.integer(0, graphemes.length + 1)).join('').length;
        const start = random.integer(0, graphemes.length + 1);
        const spanStart = graphemes.slice(0, start).join('').length;
        const spans = [{ start: spanStart, end: text.length, paint: bold }];
        return picture(text, { cursor, spans, hint: random.pick(['', ' [TIME]']) });
      });
      const last = pictures.at(-1)!;
      const paper = drawn(columns, ...pictures);
      const fresh = drawn(columns, last);
      expect([paper.text, ...paper.cursor]).toEqual([fresh.text, ...fresh.cursor]);
      // Nothing but blanks and prompts lies between what was typed.
      const shown = last.text.replaceAll('\t', '\\t').replace(/\s/g, '');
      const seen = drawn(columns, { ...last, prompt: '', continuation: '', hint: '' });
      expect(seen.text.replace(/\s/g, '')).toBe(shown);
    }
  });
});
