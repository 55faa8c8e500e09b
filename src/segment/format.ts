/**
 * The outer form of a segment file: header, sections, footer, and the checksum that ties every part
 * to its file and its place. docs/format-segment.md is the specification; the numbers here are
 * persisted: never change them, add a format version or a feature bit instead.
 */
import { crc32, readInt64, writeInt64 } from '../base/bytes.js';
import { damaged, TimekvError } from '../base/errors.js';

const formatVersion = 1;
/** Bits of features that a reader must know. */
const incompatibleKnown = 1;
/** Data blocks may be deflated. */
const featureDeflated = 1;

export const headerBytes = 64;
export const footerBytes = 80;
const headerMagic = 'timekvSG';
const footerMagic = 'timekvSE';
const magicBytes = 8;

const headerAt = { version: 8, incompatible: 12, compatible: 16, store: 24, segment: 40, crc: 60 };
const footerAt = { bytes: 24, crcs: 32, header: 44, segment: 48, version: 64, crc: 68, magic: 72 };
const idBytes = 16;

export interface Identity {
  /** 32 hexadecimal digits, like the segment's own. */
  storeId: string;
  segmentId: string;
}

export interface Header extends Identity {
  /** True if data blocks may be deflated. */
  isDeflated: boolean;
}

/**
 * Where each section begins; it ends where the next one begins. The blocks begin after the header and
 * end at the filter directory.
 */
export interface Sections {
  filterDirectory: number;
  topIndex: number;
  properties: number;
  /** The size of the whole file. */
  bytes: number;
}

/** Checksums of the sections that have no directory above them. */
export interface SectionChecksums {
  filterDirectory: number;
  topIndex: number;
  properties: number;
}

export interface Footer {
  sections: Sections;
  checksums: SectionChecksums;
  headerChecksum: number;
  /** The footer's own, which covers the three above. */
  checksum: number;
}

/**
 * Checksums of parts of one segment: CRC-32 of the segment's id, the part's offset (u64) and the
 * part's bytes. A part read from another file or place does not match.
 */
export class Checksums {
  readonly #seed: number;
  readonly #offset = Buffer.alloc(8);

  constructor(segmentId: string) {
    this.#seed = crc32(Buffer.from(segmentId, 'hex'));
  }

  of(bytes: Uint8Array, offset: number): number {
    writeInt64(this.#offset, offset, 0);
    return crc32(bytes, crc32(this.#offset, this.#seed));
  }
}

/** The header for a new segment, and its checksum. */
export function encodeHeader(identity: Header): { header: Buffer; checksum: number } {
  const header = Buffer.alloc(headerBytes);
  header.write(headerMagic, 0, 'latin1');
  header.writeUInt32LE(formatVersion, headerAt.version);
  header.writeUInt32LE(identity.isDeflated ? featureDeflated : 0, headerAt.incompatible);
  header.write(identity.storeId, headerAt.store, 'hex');
  header.write(identity.segmentId, headerAt.segment, 'hex');
  const checksum = crc32(header.subarray(0, headerAt.crc));
  header.writeUInt32LE(checksum, headerAt.crc);
  return { header, checksum };
}

/**
 * Reads a header and refuses what this version cannot read. Its checksum comes first: size, place
 * and checksum of the header are the same in every format version.
 */
export function decodeHeader(header: Buffer, path: string): Header & { checksum: number } {
  if (header.toString('latin1', 0, magicBytes) !== headerMagic) {
    throw damaged(path, 0, 'it does not begin like a segment');
  }
  const checksum = header.readUInt32LE(headerAt.crc);
  if (crc32(header.subarray(0, headerAt.crc)) !== checksum) {
    throw damaged(path, 0, 'the checksum of the header does not match');
  }
  const version = header.readUInt32LE(headerAt.version);
  if (version !== formatVersion) {
    throw unsupported(path, headerAt.version, `segment format ${version}`);
  }
  const features = header.readUInt32LE(headerAt.incompatible);
  const unknown = features & ~incompatibleKnown;
  if (unknown !== 0) {
    const bits = (unknown >>> 0).toString(16);
    throw unsupported(path, headerAt.incompatible, `the incompatible segment features 0x${bits}`);
  }
  return {
    storeId: idAt(header, headerAt.store),
    segmentId: idAt(header, headerAt.segment),
    isDeflated: (features & featureDeflated) !== 0,
    checksum,
  };
}

function idAt(bytes: Buffer, offset: number): string {
  return bytes.toString('hex', offset, offset + idBytes);
}

function unsupported(path: string, offset: number, what: string): TimekvError {
  return new TimekvError(
    'ERR_TIMEKV_UNSUPPORTED_FORMAT',
    `${path} uses ${what}, and this timekv reads segment format ${formatVersion}; use a newer timekv`,
    { file: path, offset },
  );
}

const sectionOrder = ['filterDirectory', 'topIndex', 'properties'] as const;

/** The footer of a new segment, and its checksum. */
export function encodeFooter(
  footer: Omit<Footer, 'checksum'>,
  segmentId: string,
): { bytes: Buffer; checksum: number } {
  const bytes = Buffer.alloc(footerBytes);
  for (const [i, name] of sectionOrder.entries()) {
    writeInt64(bytes, footer.sections[name], 8 * i);
    bytes.writeUInt32LE(footer.checksums[name], footerAt.crcs + 4 * i);
  }
  writeInt64(bytes, footer.sections.bytes, footerAt.bytes);
  bytes.writeUInt32LE(footer.headerChecksum, footerAt.header);
  bytes.write(segmentId, footerAt.segment, 'hex');
  bytes.writeUInt32LE(formatVersion, footerAt.version);
  const offset = footer.sections.bytes - footerBytes;
  const checksum = new Checksums(segmentId).of(bytes.subarray(0, footerAt.crc), offset);
  bytes.writeUInt32LE(checksum, footerAt.crc);
  bytes.write(footerMagic, footerAt.magic, 'latin1');
  return { bytes, checksum };
}

/** Reads the footer at the end of a file of `size` bytes and checks that its sections add up. */
export function decodeFooter(bytes: Buffer, size: number, file: FileIdentity): Footer {
  const offset = size - footerBytes;
  if (bytes.toString('latin1', footerAt.magic) !== footerMagic) {
    throw damaged(file.path, offset + footerAt.magic, 'it does not end like a segment');
  }
  const checksum = bytes.readUInt32LE(footerAt.crc);
  const covered = bytes.subarray(0, footerAt.crc);
  if (new Checksums(file.segmentId).of(covered, offset) !== checksum) {
    throw damaged(file.path, offset, 'the checksum of the footer does not match');
  }
  const footer: Footer = {
    sections: {
      filterDirectory: readInt64(bytes, 0),
      topIndex: readInt64(bytes, 8),
      properties: readInt64(bytes, 16),
      bytes: readInt64(bytes, footerAt.bytes),
    },
    checksums: {
      filterDirectory: bytes.readUInt32LE(footerAt.crcs),
      topIndex: bytes.readUInt32LE(footerAt.crcs + 4),
      properties: bytes.readUInt32LE(footerAt.crcs + 8),
    },
    headerChecksum: bytes.readUInt32LE(footerAt.header),
    checksum,
  };
  const ascending = [headerBytes, ...sectionOrder.map((name) => footer.sections[name]), offset];
  if (
    footer.sections.bytes !== size ||
    footer.headerChecksum !== file.checksum ||
    ascending.some((start, i) => i > 0 && start < (ascending[i - 1] ?? 0))
  ) {
    throw damaged(file.path, offset, 'the footer does not fit the file');
  }
  return footer;
}

interface FileIdentity {
  path: string;
  segmentId: string;
  /** Of the header. */
  checksum: number;
}
