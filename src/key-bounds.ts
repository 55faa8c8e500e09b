/** Ranges of keys and of times as callers ask for them, as the engine walks them. */
import { timestampMax } from './base/limits.js';
import { checkBound, checkTime } from './checks.js';
import type { EngineUnit } from './engine/engine.js';
import type { KeyBounds } from './engine/scan.js';
import type { HistoryOptions, ScanOptions } from './options.js';

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

/** The first and the last timestamp that is asked for. */
export function toTimes(
  { from, to, reverse = false }: HistoryOptions,
  unit: EngineUnit,
): { from: number; to: number; reverse: boolean } {
  return {
    from: from === undefined ? -timestampMax : checkTime(from, unit, 'from'),
    to: to === undefined ? timestampMax : checkTime(to, unit, 'to'),
    reverse,
  };
}
