/** The same segment in another directory: by a second name, or else as a copy. */
import { systemCode } from '../base/errors.js';
import { KiB } from '../base/limits.js';
import { Slices } from '../base/slices.js';
import type { FileSystem } from '../disk/file-system.js';
import { SegmentOutput } from '../segment/segment-output.js';
import type { SegmentReader } from '../segment/segment-reader.js';

const pieceBytes = 256 * KiB;

/**
 * What link(2) answers where a copy will do: another file system, one without links, too many links,
 * a file of another user; and a segment that has been merged away, which is open still.
 */
const copiedAfter = new Set(
  'EXDEV EPERM EACCES EMLINK ENOTSUP EOPNOTSUPP ENOSYS ENOENT'.split(' '),
);

/** The caller syncs the directory. @param path where the segment lies, or lay */
export async function shareSegment(
  fileSystem: FileSystem,
  { path, reader }: { path: string; reader: SegmentReader },
  newPath: string,
): Promise<'linked' | 'copied'> {
  try {
    fileSystem.link(path, newPath);
    return 'linked';
  } catch (error) {
    if (!copiedAfter.has(systemCode(error) ?? '')) throw error;
  }
  await copy(fileSystem, reader, newPath);
  return 'copied';
}

async function copy(fileSystem: FileSystem, reader: SegmentReader, path: string): Promise<void> {
  const { bytes } = reader.properties;
  const slices = new Slices();
  const output = new SegmentOutput(fileSystem, path);
  try {
    for (let at = 0; at < bytes; at += pieceBytes) {
      const piece = Buffer.allocUnsafe(Math.min(pieceBytes, bytes - at));
      reader.readInto(piece, at);
      output.write(piece);
      if (output.isAhead) await output.sync();
      if (slices.isOver) await slices.next();
    }
    output.flush();
    await output.sync();
  } finally {
    output.close();
  }
}
