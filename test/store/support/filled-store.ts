/** A store with something of everything: two segments, logs that are kept, one that is written. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openAs } from '../../support/stores.js';

export const keyCount = 20;
/** Each key has a version at 1 to this. */
export const lastTime = 30;
/** The versions up to here are in the first segment, up to the next one in the second. */
export const flushedAt = [12, 20] as const;

export interface FilledStore {
  directory: string;
  entries: number;
  /** Paths from the directory on: the log that holds what no segment does, and one that is kept. */
  liveLog: string;
  keptLog: string;
}

export const keyOf = (key: number): string => `key/${String(key).padStart(2, '0')}`;
export const valueOf = (key: number, at: number): string =>
  `${key}:${at}:`.padEnd((key * 37 + at * 11) % 200, 'v').padEnd(key === 7 ? 3000 : 0, 'w');

export async function fillStore(directory: string): Promise<FilledStore> {
  const store = await openAs<string>(directory, { durability: 'process', unit: 'tick' });
  for (let at = 1; at <= lastTime; at++) {
    const keys = Array.from({ length: keyCount }, (_, key) => key);
    await store.batch(
      keys.map((key) => ({ type: 'set', key: keyOf(key), value: valueOf(key, at), at })),
    );
    if (flushedAt.some((time) => time === at)) await store.snapshot();
  }
  await store.close();
  const logs = readdirSync(join(directory, 'wal')).filter((name) => name.endsWith('.wal'));
  const [keptLog = '', , liveLog = ''] = logs.sort().map((name) => join('wal', name));
  return { directory, entries: keyCount * lastTime, liveLog, keptLog };
}
