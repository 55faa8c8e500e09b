/** A list as a shell shows it: in columns, as many as there is room for. */
import { displayWidth } from './display-width.js';
import { visible } from '../base/terminal-text.js';

const gap = 2;

/** The texts, in order from the top of each column to its bottom. */
export function inColumns(texts: readonly string[], width: number): string {
  const shown = texts.map((text) => visible(text.trimEnd()));
  const widest = Math.max(0, ...shown.map(displayWidth)) + gap;
  const columns = Math.max(1, Math.floor((width + gap) / widest));
  const rows = Math.ceil(shown.length / columns);
  return Array.from({ length: rows }, (_, row) => {
    const cells = shown.filter((_text, index) => index % rows === row);
    const padded = cells.map((cell) => cell + ' '.repeat(widest - displayWidth(cell)));
    return `${padded.join('').trimEnd()}\r\n`;
  }).join('');
}
