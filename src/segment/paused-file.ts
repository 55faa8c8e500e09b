/**
 * What lies behind the data of a segment that is half made, so that another process can go on with it:
 *
 *     parts of the segment, from its header on │ state │ length u32 │ CRC-32 of the state u32 │ mark
 *
 * The state is in Node's own form: it is of use for a while only, and whoever cannot read it begins
 * anew. Where anything was written over it, its checksum does not match any more.
 */
import { crc32 } from '../base/bytes.js';
import { systemCode } from '../base/errors.js';
import type { Descriptor, FileSystem } from '../disk/file-system.js';

/** With the number of its form: another one is another mark. */
const mark = Buffer.from('timekvP1', 'latin1');
const trailerBytes = 8 + mark.length;

/** Few processes need what takes its time to load. */
const v8 = () => process.getBuiltinModule('node:v8');

export function encodePaused(state: object): Buffer {
  const bytes = v8().serialize(state);
  const trailer = Buffer.alloc(trailerBytes);
  trailer.writeUInt32LE(bytes.length, 0);
  trailer.writeUInt32LE(crc32(bytes), 4);
  mark.copy(trailer, 8);
  return Buffer.concat([bytes, trailer]);
}

/** The state that a file was left in; undefined if there is none that can be gone on from. */
export function readPaused(fileSystem: FileSystem, path: string): unknown {
  try {
    const file = fileSystem.open(path, 'read');
    try {
      return stateIn(fileSystem, file);
    } finally {
      fileSystem.close(file);
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function stateIn(fileSystem: FileSystem, file: Descriptor): unknown {
  const size = fileSystem.size(file);
  const trailer = Buffer.alloc(trailerBytes);
  const trailerAt = size - trailerBytes;
  if (trailerAt < 0) return undefined;
  fileSystem.read(file, trailer, 0, trailerBytes, trailerAt);
  if (!trailer.subarray(8).equals(mark)) return undefined;
  const length = trailer.readUInt32LE(0);
  if (length > trailerAt) return undefined;
  const bytes = Buffer.alloc(length);
  fileSystem.read(file, bytes, 0, length, trailerAt - length);
  if (crc32(bytes) !== trailer.readUInt32LE(4)) return undefined;
  try {
    return v8().deserialize(bytes) as unknown;
  } catch {
    return undefined; // Of another version of Node.
  }
}
