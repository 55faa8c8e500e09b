/**
 * Calls that may take long, and in which thread they are made. To hand a sync to another thread, and
 * to hear of its end, takes 0.1 ms, and milliseconds where all processors are busy: as long as a sync
 * of a few bytes itself on a quick disk, and little beside it on a slow one. So it depends on how long
 * they took of late. While a large file is removed a sync has to wait for that, and the event loop
 * must not.
 */
import * as fs from 'node:fs';
import { monotonicMs } from '../base/clock.js';
import { KiB } from '../base/limits.js';

/** More takes long on any disk. */
const smallBytesMax = 64 * KiB;
/** The event loop can do without its turn for so long. */
const quickMs = 1;
/** So many slow ones in a row are no accident. */
const slowInRowMax = 3;
/** So many are handed on then, before one is tried in place again. */
const handedOn = 16;

let slowInRow = 0;
let leftToHandOn = 0;
/** Removals under way. */
let removals = 0;

/**
 * fdatasync(2).
 * @param bytes written since the file's last sync, or more
 */
export async function syncDataAsync(file: number, bytes: number): Promise<void> {
  if (bytes > smallBytesMax || removals > 0) return syncInPool(file);
  if (leftToHandOn > 0) {
    leftToHandOn--;
    return syncInPool(file);
  }
  const began = monotonicMs();
  fs.fdatasyncSync(file);
  const isSlow = monotonicMs() - began > quickMs;
  slowInRow = isSlow ? slowInRow + 1 : 0;
  if (slowInRow >= slowInRowMax) leftToHandOn = handedOn;
}

/** In one of the threads that Node keeps for files. */
function syncInPool(file: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.fdatasync(file, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** True while a file is removed. */
export function isRemoving(): boolean {
  return removals > 0;
}

/** Removes a file; that it is gone already is no error. */
export async function removeAsync(path: string): Promise<void> {
  removals++;
  try {
    await fs.promises.rm(path, { force: true });
  } finally {
    removals--;
  }
}
