import { copyOf } from '../base/bytes.js';
import { damaged, systemCode, TimekvError } from '../base/errors.js';
import { dataBlockBytesMax, KiB } from '../base/limits.js';
import type { SegmentProperties } from '../base/segment-properties.js';
import { type Descriptor, type FileSystem, ioError } from '../disk/file-system.js';
import type { Handle, Region } from './data-block.js';
import { inflate } from './deflate.js';
import {
  Checksums,
  decodeFooter,
  decodeHeader,
  type Footer,
  footerBytes,
  type Header,
  headerBytes,
} from './format.js';
import { decodeProperties } from './properties.js';

/** What is read of the end when a file is opened: the footer and mostly the directories too. */
const tailBytes = 16 * KiB;

/** Whoever can be asked for the bytes of a part. */
export interface PartSource {
  /** Fills the buffer with what lies in the file from the offset on. */
  readInto(into: Buffer, offset: number): void;
}

/** A segment's file: its header and footer are checked, everything else is read when asked for. */
export class SegmentFile implements PartSource {
  readonly path: string;
  readonly bytes: number;
  readonly identity: Header;
  readonly footer: Footer;
  readonly #fileSystem: FileSystem;
  readonly #checksums: Checksums;
  #file: Descriptor | undefined;
  /** Filter directory and top index, once they are read. */
  #directories: Buffer | undefined;

  /**
   * @param bytesExpected the size that the file must have, if that is known
   * @throws the system's own error if there is no such file
   */
  constructor(fileSystem: FileSystem, path: string, bytesExpected?: number) {
    this.#fileSystem = fileSystem;
    this.path = path;
    this.#file = openFile(fileSystem, path);
    try {
      this.bytes = this.#attempt((file) => fileSystem.size(file));
      if (bytesExpected !== undefined && bytesExpected !== this.bytes) {
        const offset = Math.min(bytesExpected, this.bytes);
        throw damaged(path, offset, `it has ${this.bytes} bytes instead of ${bytesExpected}`);
      }
      if (this.bytes < headerBytes + footerBytes) {
        throw damaged(path, this.bytes, 'it is too short for a segment');
      }
      const tailStart = Math.max(0, this.bytes - tailBytes);
      const tail = this.read(tailStart, this.bytes - tailStart);
      const start = tailStart === 0 ? tail : this.read(0, headerBytes);
      const { checksum, ...identity } = decodeHeader(start.subarray(0, headerBytes), path);
      this.identity = identity;
      this.#checksums = new Checksums(identity.segmentId);
      const file = { path, segmentId: identity.segmentId, checksum };
      this.footer = decodeFooter(tail.subarray(tail.length - footerBytes), this.bytes, file);
      const { filterDirectory, properties } = this.footer.sections;
      if (filterDirectory >= tailStart) {
        const directories = tail.subarray(filterDirectory - tailStart, properties - tailStart);
        this.#directories = copyOf(directories);
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Filter directory and top index together, not verified; held from the first time on. */
  get directories(): Buffer {
    const { filterDirectory, properties } = this.footer.sections;
    this.#directories ??= this.read(filterDirectory, properties - filterDirectory);
    return this.#directories;
  }

  /** Reads the bytes of a part, into memory of its own, and checks them. */
  readPart(part: Region, what: string): Buffer {
    const bytes = this.read(part.offset, part.length);
    this.verify(bytes, part, what);
    return bytes;
  }

  /** True if the bytes of a part are those that were written. */
  isWhole(bytes: Buffer, { offset, checksum }: Region): boolean {
    return this.#checksums.of(bytes, offset) === checksum;
  }

  /** Throws if the bytes of a part are not those that were written. */
  verify(bytes: Buffer, part: Region, what: string): void {
    if (this.isWhole(bytes, part)) return;
    throw damaged(this.path, part.offset, `the checksum of ${what} does not match`);
  }

  /**
   * A data block out of the bytes that were written for it.
   * @param bytes verified
   */
  inflated(bytes: Buffer, { offset, inflatedLength }: Handle): Buffer {
    if (inflatedLength === 0) return bytes;
    try {
      if (inflatedLength > dataBlockBytesMax) throw new RangeError('it is said to be too large');
      return inflate(bytes, inflatedLength);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw damaged(this.path, offset, `a deflated data block is none: ${error.message}`);
    }
  }

  /** Reads bytes that must lie in the file, into memory of their own. */
  read(offset: number, length: number): Buffer {
    if (offset < 0 || offset + length > this.bytes) {
      throw damaged(this.path, this.bytes, 'something is said to lie behind its end');
    }
    const bytes = Buffer.allocUnsafeSlow(length);
    this.readInto(bytes, offset);
    return bytes;
  }

  /** Fills the buffer with what lies in the file from the offset on. */
  readInto(into: Buffer, offset: number): void {
    let done = 0;
    while (done < into.length) {
      const count = this.#attempt((file) =>
        this.#fileSystem.read(file, into, done, into.length - done, offset + done),
      );
      if (count === 0) throw damaged(this.path, offset + done, 'it ends too early');
      done += count;
    }
  }

  /** Any number of times. */
  close(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    try {
      this.#fileSystem.close(file);
    } catch (error) {
      throw ioError(error, 'close', this.path);
    }
  }

  #attempt(action: (file: Descriptor) => number): number {
    if (this.#file === undefined) {
      throw new TimekvError('ERR_TIMEKV_CLOSED', `${this.path} was closed`, { file: this.path });
    }
    try {
      return action(this.#file);
    } catch (error) {
      throw ioError(error, 'read', this.path);
    }
  }
}

function openFile(fileSystem: FileSystem, path: string): Descriptor {
  try {
    return fileSystem.open(path, 'read');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw error;
    throw ioError(error, 'open', path);
  }
}

/** What a segment's file says of itself. Needs no catalog. */
export function readProperties(
  fileSystem: FileSystem,
  path: string,
): { storeId: string; properties: SegmentProperties } {
  const file = new SegmentFile(fileSystem, path);
  try {
    const { sections, checksums, checksum } = file.footer;
    const offset = sections.properties;
    const length = file.bytes - footerBytes - offset;
    const part = { offset, length, checksum: checksums.properties };
    const bytes = file.readPart(part, 'the properties');
    const { storeId, segmentId: id } = file.identity;
    const stored = decodeProperties(bytes, path, offset);
    return { storeId, properties: { id, bytes: file.bytes, ...stored, checksum } };
  } finally {
    file.close();
  }
}
