/** Where stores lie. */
import { resolve } from 'node:path';
import { invalidArgument } from './base/errors.js';
import { shown } from './checks.js';

/** Names a store that is gone with its process. */
export const inMemory = ':memory:';

export function checkDirectory(directory: string): void {
  if (typeof directory !== 'string' || directory === '') {
    throw invalidArgument(`name the directory of the store, or ${inMemory}`);
  }
}

/** The path of a directory that is, or will be, on the disk. */
export function checkNewDirectory(directory: string): string {
  if (typeof directory === 'string' && directory !== '' && directory !== inMemory) {
    return resolve(directory);
  }
  throw invalidArgument(`${shown(directory)} is no directory; name one on the disk`);
}
