import type { Entry } from './base/entry.js';
import type { Engine } from './engine/engine.js';

/** So many versions are taken out under one hold of the write lock. */
const atOnce = 256;

/** Takes out versions that have expired, first ones first, until there are none or enough. */
export async function takeOut(open: () => Engine, limit: number): Promise<Entry[]> {
  const taken: Entry[] = [];
  while (taken.length < limit) {
    const entries = await open().expire(Math.min(limit - taken.length, atOnce));
    if (entries.length === 0) break;
    for (const entry of entries) taken.push(entry);
  }
  return taken;
}
