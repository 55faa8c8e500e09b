/** Ranges of keys as callers ask for them, as the engine walks them. */
import { checkBound } from './checks.js';
import type { KeyBounds } from './engine/scan.js';
import type { ScanOptions } from './options.js';

/** What `prefix`, `start` and `end` together leave. */
export function toBounds({ prefix, start, end, reverse = false }: ScanOptions): KeyBounds {
  const lower = [];
  const upper = [];
  if (prefix !== undefined && prefix !== '') {
    const bytes = checkBound(prefix, 'prefix');
    lower.push(bytes);
    upper.push(Buffer.concat([bytes, afterAnyKey]));
  }
  if (start !== undefined) lower.push(checkBound(start, 'start'));
  if (end !== undefined) upper.push(checkBound(end, 'end'));
  lower.sort((a, b) => Buffer.compare(b, a));
  upper.sort((a, b) => Buffer.compare(a, b));
  return { start: lower[0], end: upper[0], reverse };
}

/** No UTF-8 has this byte, so prefix + this comes right behind every key with the prefix. */
const afterAnyKey = Buffer.alloc(1, 0xff);
