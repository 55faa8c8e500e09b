import type { Found } from '../base/cursor.js';
import { validAt } from './read-time.js';
import type { View } from './view.js';

/** Told what is valid of the key at a place. It may be told anew of all, if files have gone meanwhile. */
export type OnFound = (found: Found | undefined, at: number) => void;

/** What is valid of each key as of a time, on one view. */
export function findEach(
  view: Pick<View, 'findKept'>,
  keys: readonly Buffer[],
  time: number,
  found: OnFound,
): void {
  for (const [at, key] of keys.entries()) found(validAt(view.findKept(key, time), key, time), at);
}
