/** Rows that may be lines of a session too, and what they are answered there. */
import type { Row } from './row.js';

/** What is for a process alone, is no line, or ends later. */
const otherwise = /^-[dn]|^--(dir|memory|durability|busy|allow|raw|plot|wait|no-color)/;

/** A read that answers, from nothing but the store. */
export function isLine({ words, code, input, environment }: Row): boolean {
  const isPlain = input.length === 0 && Object.keys(environment).length === 0;
  return isPlain && code === 0 && !words.some((word) => otherwise.test(word));
}

export function quoted(words: readonly string[]): string {
  return words.map((word) => JSON.stringify(word)).join(' ');
}

/** Where there is nothing, that is said; a value stays in one line. */
export function answerOfLine({ words, stdout }: Row): string {
  if (stdout === '') return '\\N\n';
  const isValue = words[0] === 'get' && !words.some((word) => /json|--keys-from/.test(word));
  if (!isValue) return stdout;
  return `${stdout.slice(0, -1).replaceAll('\t', '\\t').replaceAll('\xff', '\\xff')}\n`;
}
