/** Holds a whole segment against itself and against what is known of it, in slices. */
import { Span } from '../base/cursor.js';
import { damageOf, nothingLost, type PartDamage, shownKey, shownSeqs } from '../base/damage.js';
import { compareKeys } from '../base/entry.js';
import { damaged } from '../base/errors.js';
import { comparePlaces, isExpiryKey } from '../base/expiry-order.js';
import type { SegmentProperties } from '../base/segment-properties.js';
import type { Slices } from '../base/slices.js';
import type { FileSystem } from '../disk/file-system.js';
import { hashKey, isFilterSize, mayContain } from './bloom-filter.js';
import { Directory } from './directory.js';
import { footerBytes, headerBytes } from './format.js';
import { decodeProperties, PropertiesBuilder, type StoredProperties } from './properties.js';
import { SegmentFile } from './segment-file.js';
import { SegmentWalk } from './segment-walk.js';

export interface SegmentCheck {
  /** Entries that can be read. */
  entries: number;
  damages: PartDamage[];
}

/** What must be true of a file that the catalog lists. */
export type ExpectedSegment = SegmentProperties & {
  /** It was written by one of these. */
  storeIds: readonly string[];
};

/**
 * @param expected undefined: the file is only held against itself
 * @throws the system's ENOENT if there is no such file
 */
export async function checkSegment(
  fileSystem: FileSystem,
  path: string,
  expected: ExpectedSegment | undefined,
  slices: Slices,
): Promise<SegmentCheck> {
  const damages: PartDamage[] = [];
  let file: SegmentFile | undefined;
  try {
    file = openSegmentFile(fileSystem, path, expected);
    return { entries: await checkParts(file, expected, damages, slices), damages };
  } catch (error) {
    damages.push({ ...damageOf(error, 0), lost: wholeSegment(expected) });
    return { entries: 0, damages };
  } finally {
    file?.close();
  }
}

/**
 * The file, if it is the one that the catalog lists.
 * @throws ERR_TIMEKV_DAMAGED, or the system's ENOENT
 */
export function openSegmentFile(
  fileSystem: FileSystem,
  path: string,
  expected: ExpectedSegment | undefined,
): SegmentFile {
  const file = new SegmentFile(fileSystem, path, expected?.bytes);
  if (expected === undefined) return file;
  const { identity, footer } = file;
  const isListed =
    expected.storeIds.includes(identity.storeId) &&
    identity.segmentId === expected.id &&
    footer.checksum === expected.checksum;
  if (isListed) return file;
  file.close();
  throw damaged(path, 0, 'it is another file than the one in the catalog');
}

/** All that a segment has, in words. */
export function wholeSegment(row: SegmentProperties | undefined): string {
  if (row === undefined) return 'the whole segment';
  const { entries, minKey, maxKey, minSeq, maxSeq } = row;
  return `all ${entries} versions in it: keys from ${shownKey(minKey)} to ${shownKey(maxKey)}, ${shownSeqs(minSeq, maxSeq)}`;
}

async function checkParts(
  file: SegmentFile,
  expected: ExpectedSegment | undefined,
  damages: PartDamage[],
  slices: Slices,
): Promise<number> {
  const properties = checkProperties(file, expected, damages);
  const filter = new FilterCheck(file, damages);
  const found = new PropertiesBuilder();
  const walk = new SegmentWalk(file, (damage) => damages.push(damage));
  let lastKey = Buffer.alloc(0);
  for (const entry of walk.entries()) {
    const isNewKey = compareKeys(entry.key, lastKey) !== 0;
    if (isNewKey) filter.check(entry.key);
    if (isExpiryKey(entry.key)) {
      found.addExpiry();
    } else {
      if (isNewKey) {
        lastKey = Buffer.from(entry.key);
        found.addKey(lastKey);
      }
      found.add(entry, entry.key, entry.key.length + entry.value.length);
    }
    if (slices.isOver) await slices.next();
  }
  const { path, footer } = file;
  if (damages.length === 0) {
    const partBytes = headerBytes + walk.partBytes + filter.partBytes;
    if (partBytes !== footer.sections.filterDirectory) {
      const what = 'its blocks do not fill it';
      damages.push({ offset: headerBytes, what, lost: nothingLost });
    }
    const wrong = properties && lacking(found.finish(lastKey), properties);
    if (wrong !== undefined) {
      const { offset, what } = damageOf(
        damaged(path, footer.sections.properties, `its properties tell other ${wrong} than it has`),
        0,
      );
      damages.push({ offset, what, lost: 'nothing, but reads may pass it by' });
    }
  }
  return found.entries;
}

function checkProperties(
  file: SegmentFile,
  expected: ExpectedSegment | undefined,
  damages: PartDamage[],
): StoredProperties | undefined {
  const { path, footer } = file;
  const offset = footer.sections.properties;
  const length = file.bytes - footerBytes - offset;
  const part = { offset, length, checksum: footer.checksums.properties };
  try {
    const stored = decodeProperties(file.readPart(part, 'the properties'), path, offset);
    const wrong = expected && differing(stored, expected);
    if (wrong === undefined) return stored;
    throw damaged(path, offset, `its properties tell other ${wrong} than the catalog`);
  } catch (error) {
    damages.push({ ...damageOf(error, offset), lost: nothingLost });
    return expected;
  }
}

const countedTraits = [
  'erasures',
  'historyErasures',
  'expiries',
  'heldValues',
  'marks',
  'heldVersions',
] as const;

const sameNumbers = ['entries', 'keys', 'userBytes', 'minTimestamp', 'maxTimestamp'] as const;

/** The name of the first property that is not the same in both. */
function differing(a: StoredProperties, b: StoredProperties): string | undefined {
  for (const name of ['minSeq', 'maxSeq'] as const) if (a[name] !== b[name]) return name;
  return differingContent(a, b);
}

/** The name of the first property that is not the one of what was found. Seqs may have been merged away. */
function lacking(found: StoredProperties, told: StoredProperties): string | undefined {
  if (found.minSeq < told.minSeq) return 'minSeq';
  if (found.maxSeq > told.maxSeq) return 'maxSeq';
  return differingContent(found, told);
}

function differingContent(a: StoredProperties, b: StoredProperties): string | undefined {
  for (const name of sameNumbers) if (a[name] !== b[name]) return name;
  for (const name of ['minKey', 'maxKey'] as const) if (!a[name].equals(b[name])) return name;
  for (const name of countedTraits) {
    if ((a.traits?.[name] ?? 0) !== (b.traits?.[name] ?? 0)) return name;
  }
  if ((a.traits?.lastMark ?? -Infinity) !== (b.traits?.lastMark ?? -Infinity)) return 'lastMark';
  const [inA, inB] = [a.traits?.expiredTo, b.traits?.expiredTo];
  const isSame =
    inA === undefined || inB === undefined ? inA === inB : comparePlaces(inA, inB) === 0;
  return isSame ? undefined : 'expiredTo';
}

/** Holds the filter against the keys, which come in order. */
class FilterCheck {
  readonly #file: SegmentFile;
  readonly #damages: PartDamage[];
  #directory: Directory | undefined;
  #number = -1;
  #block: Span | undefined;
  partBytes = 0;

  constructor(file: SegmentFile, damages: PartDamage[]) {
    this.#file = file;
    this.#damages = damages;
    const { sections, checksums } = file.footer;
    const offset = sections.filterDirectory;
    const length = sections.topIndex - offset;
    const part = { offset, length, checksum: checksums.filterDirectory };
    try {
      const directory = new Directory();
      directory.open(file.readPart(part, 'the filter directory'), file.path, offset);
      this.#directory = directory;
    } catch (error) {
      this.#tell(error, offset, 'any key of the segment');
    }
  }

  check(key: Buffer): void {
    const directory = this.#directory;
    if (directory === undefined) return;
    const number = Math.max(0, directory.lastAtOrBefore(key, Infinity, Infinity));
    if (number !== this.#number) this.#open(directory, number, key);
    if (this.#block === undefined || mayContain(this.#block, hashKey(key))) return;
    const { offset } = directory;
    this.#tell(damaged(this.#file.path, offset, 'the filter misses a key'), offset, shownKey(key));
    this.#block = undefined; // One key tells enough of this block.
  }

  #open(directory: Directory, number: number, key: Buffer): void {
    this.#number = number;
    this.#block = undefined;
    directory.read(number);
    const { offset, length } = directory;
    try {
      if (!isFilterSize(length)) throw directory.damage('a filter block has an impossible size');
      this.#block = Span.of(this.#file.readPart(directory, 'a filter block'));
      this.partBytes += length;
    } catch (error) {
      this.#tell(error, offset, `keys from ${shownKey(key)} on`);
    }
  }

  #tell(error: unknown, offset: number, keys: string): void {
    this.#damages.push({ ...damageOf(error, offset), lost: `nothing, but reads of ${keys} fail` });
  }
}
