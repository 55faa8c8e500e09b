/** What the disk allows: one write of what a log has to hold, and one sync. */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** What stands beside key and value in any log: a length, a checksum, a timestamp, a seq. */
const headerBytes = 32;
const zerosBytes = 64 * 2 ** 20;

/** `zeros`: into a file that holds zeros already, so that its size never changes. */
export function openFloor(directory, { mode }) {
  const file = openSync(join(directory, 'log'), 'w');
  if (mode === 'zeros') {
    writeSync(file, Buffer.alloc(zerosBytes));
    fdatasyncSync(file);
  }
  let at = 0;
  return {
    set(key, value) {
      const record = Buffer.alloc(headerBytes + key.length + value.length, 1);
      at += writeSync(file, record, 0, record.length, at);
      fdatasyncSync(file);
    },
    close: () => closeSync(file),
  };
}
