/**
 * Two files whose inodes do not share a block. ext4 keeps sixteen in one, and gives a directory's new
 * files neighbouring ones. Without a journal a sync of one file writes its block of inodes whenever
 * that has changed, whoever changed it: beside a file that grows with each commit, each sync of the
 * other wrote 4 KiB more and took a third longer (docs/decisions/0018-what-a-commit-waits-for.md).
 */
import * as fs from 'node:fs';

/** In a block of 4 KiB, 256 bytes each. */
const inodesPerBlock = 16;

/**
 * Creates a file that must not exist yet, for reading and writing, mode 0600, apart from another that
 * is open: an inode too near stays taken, without a name, until one is found that is not.
 */
export function createApart(path: string, other: number): number {
  const block = inodeBlockOf(other);
  const tooNear: number[] = [];
  try {
    for (;;) {
      const file = fs.openSync(path, 'wx+', 0o600);
      if (tooNear.length === inodesPerBlock || inodeBlockOf(file) !== block) return file;
      tooNear.push(file);
      fs.unlinkSync(path);
    }
  } finally {
    for (const file of tooNear) fs.closeSync(file);
  }
}

function inodeBlockOf(file: number): number {
  // They are counted from one.
  return Math.floor((fs.fstatSync(file).ino - 1) / inodesPerBlock);
}
