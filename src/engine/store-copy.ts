/**
 * Makes a store in another directory out of segments, or brings one up to date. The order:
 * 1. a mark that something is unfinished, 2. the write lock, 3. segments and an empty log, synced with
 * their directories, 4. one catalog transaction, the commit point, 5. the mark removed, and every file
 * that the catalog does not list. A crash before 4 leaves what is no store, and is cleared away by the
 * next attempt; where there is a store already it goes on being what it was.
 */
import type { TimekvError } from '../base/errors.js';
import type { SegmentProperties } from '../base/segment-properties.js';
import type { CatalogDoor } from '../catalog/catalog.js';
import type { Manifest, ManifestLists, Settings } from '../catalog/manifest.js';
import { ioError, nearestExisting } from '../disk/file-system.js';
import {
  catalogPath,
  endPath,
  maintenanceLockPath,
  parseSegmentFile,
  parseWalFile,
  segmentDirectory,
  segmentPath,
  unfinishedPath,
  walDirectory,
  walPath,
  type WalName,
  writeLockPath,
} from '../disk/names.js';
import type { SeqRange } from '../segment/segment-writer.js';
import { makeDirectories, syncParents } from './create.js';
import type { Environment } from './environment.js';
import { createFirstWal } from './new-wal.js';
import type { BuildPlace } from './segment-build.js';
import type { Written } from './build-jobs.js';
import { isUnfinished } from './written-files.js';

export interface CopyPlace {
  environment: Environment;
  directory: string;
  busyTimeoutMs: number;
}

/** A segment of the copy: one that there is already, or one that is written for it. */
export type CopiedPart =
  | { row: SegmentProperties; share: (newPath: string) => Promise<'linked' | 'copied'> }
  | { seqs: SeqRange; write: (place: BuildPlace) => Promise<Written> };

export interface StoreCopy {
  settings: Settings;
  lists: ManifestLists;
  /** In commit order. */
  parts: readonly CopiedPart[];
  /** Where its log goes on. */
  seq: number;
  lastNow: number;
  lastCommitTime: number;
}

export interface CopyReport {
  /** The last operation that is in it; 0: there was none. */
  seq: number;
  /** Its segments: those that share their file with others, those copied… */
  linked: number;
  copied: number;
  /** …those written anew, without what came later, and those that were there before. */
  written: number;
  kept: number;
  /** Of all of them. */
  bytes: number;
}

/**
 * @param judge told what is there already, once before anything is touched and once under the lock;
 *   throws if that is not to be replaced
 */
export async function copyStore(
  place: CopyPlace,
  copy: StoreCopy,
  judge: (there: Manifest | undefined) => void,
): Promise<CopyReport> {
  const { environment, directory, busyTimeoutMs } = place;
  const { fileSystem, openLock } = environment;
  try {
    judge(look(place));
    const anchor = nearestExisting(fileSystem, directory);
    fileSystem.makeDirectory(directory);
    if (fileSystem.status(catalogPath(directory)) === undefined) mark(environment, directory);
    const lock = openLock(writeLockPath(directory), busyTimeoutMs);
    try {
      fileSystem.makePrivate(writeLockPath(directory));
      await lock.acquire(busyTimeoutMs);
      openLock(maintenanceLockPath(directory), busyTimeoutMs).close();
      fileSystem.makePrivate(maintenanceLockPath(directory));
      syncParents(environment, directory, anchor);
      return await new Copying(place, copy).run(judge);
    } finally {
      lock.close();
    }
  } catch (error) {
    throw ioError(error, 'write to', directory);
  }
}

/**
 * For `judge`, where there is no store: the directory is empty, or something was begun in it that may
 * be cleared away.
 * @param refuse what to throw otherwise, with what stands in the way
 */
export function requireEmpty(
  { environment: { fileSystem }, directory }: CopyPlace,
  refuse: (inTheWay: string) => TimekvError,
): void {
  const status = fileSystem.status(directory);
  if (status === undefined) return;
  if (!status.isDirectory) throw refuse('it is a file');
  const [name] = fileSystem.list(directory);
  if (name === undefined || isUnfinished(fileSystem, directory)) return;
  throw refuse(`there is ${JSON.stringify(name)} in it`);
}

/** What is in the directory, if there is a store. */
function look({ environment, directory, busyTimeoutMs }: CopyPlace): Manifest | undefined {
  const { fileSystem } = environment;
  const path = catalogPath(directory);
  if (fileSystem.status(directory)?.isDirectory !== true) return undefined;
  if (fileSystem.status(path) === undefined) return undefined;
  const catalog = environment.openCatalog(path, 'read', busyTimeoutMs);
  try {
    return catalog.isInitialised() ? catalog.load() : undefined;
  } finally {
    catalog.close();
  }
}

/** Before anything else is in the directory, so that whatever follows is known to be unfinished. */
function mark({ fileSystem }: Environment, directory: string): void {
  const path = unfinishedPath(directory);
  if (fileSystem.status(path) === undefined) fileSystem.close(fileSystem.create(path));
  fileSystem.syncDirectory(directory);
}

const nothing: Pick<Manifest, 'segments' | 'wals'> = { segments: [], wals: [] };

/** Under the lock. */
class Copying {
  readonly #place: CopyPlace;
  readonly #copy: StoreCopy;
  readonly #report: CopyReport;
  readonly #segments: SegmentProperties[] = [];
  /** Seqs of which nothing is left. */
  readonly #emptied: SeqRange[] = [];

  constructor(place: CopyPlace, copy: StoreCopy) {
    this.#place = place;
    this.#copy = copy;
    this.#report = { seq: copy.seq, linked: 0, copied: 0, written: 0, kept: 0, bytes: 0 };
  }

  async run(judge: (there: Manifest | undefined) => void): Promise<CopyReport> {
    const { environment, directory, busyTimeoutMs } = this.#place;
    const path = catalogPath(directory);
    const there = look(this.#place);
    judge(there);
    makeDirectories(environment, directory);
    // Its name is to be on the disk before it is a store: the directory is synced with the files.
    const catalog = environment.openCatalog(path, 'create', busyTimeoutMs);
    try {
      environment.fileSystem.makePrivate(path);
      const wal = await this.#putFiles(there);
      this.#sweep(this.#commit(catalog, wal, there));
    } finally {
      catalog.close();
    }
    return this.#report;
  }

  /** Where that fails, what was put there is of no use to anybody. */
  async #putFiles(there: Manifest | undefined): Promise<WalName> {
    try {
      for (const part of this.#copy.parts) await this.#put(part, there);
      return this.#makeLog(there);
    } catch (error) {
      try {
        this.#sweep(there ?? nothing);
      } catch {
        // The next attempt clears it away; what went wrong first is what to tell.
      }
      throw error;
    }
  }

  async #put(part: CopiedPart, there: Manifest | undefined): Promise<void> {
    const row = 'row' in part ? await this.#share(part, there) : await this.#write(part);
    if (row === undefined) return;
    this.#segments.push(row);
    this.#report.bytes += row.bytes;
  }

  async #share(
    { row, share }: Extract<CopiedPart, { row: unknown }>,
    there: Manifest | undefined,
  ): Promise<SegmentProperties> {
    const { fileSystem } = this.#place.environment;
    const path = segmentPath(this.#place.directory, row.id);
    const isListed = there?.segments.some(
      ({ id, checksum }) => id === row.id && checksum === row.checksum,
    );
    if (isListed === true && fileSystem.status(path)?.bytes === row.bytes) {
      this.#report.kept++;
      return row;
    }
    // An earlier attempt may have left a part of it.
    fileSystem.remove(path);
    this.#report[await share(path)]++;
    return row;
  }

  async #write({
    seqs,
    write,
  }: Extract<CopiedPart, { seqs: unknown }>): Promise<SegmentProperties | undefined> {
    const { environment, directory } = this.#place;
    const { storeId } = this.#copy.settings;
    const written = await write({ environment, directory, storeId });
    if (typeof written === 'string') {
      this.#emptied.push(seqs);
      return undefined;
    }
    this.#report.written++;
    return written;
  }

  /** Behind the one that is there: who reads it finds another in its place. */
  #makeLog(there: Manifest | undefined): WalName {
    const { environment, directory } = this.#place;
    const { fileSystem } = environment;
    const { settings, seq: baseSeq, lastNow, lastCommitTime } = this.#copy;
    const generation = (there?.wals.at(-1)?.generation ?? 0) + 1;
    const start = { generation, baseSeq, lastNow, lastCommitTime };
    const name = createFirstWal(environment, directory, settings.storeId, start);
    fileSystem.syncDirectory(segmentDirectory(directory));
    fileSystem.syncDirectory(walDirectory(directory));
    fileSystem.syncDirectory(directory);
    return name;
  }

  #commit(catalog: CatalogDoor, name: WalName, there: Manifest | undefined): Manifest {
    const { environment, directory } = this.#place;
    const { settings, lists } = this.#copy;
    const wal = { ...name, state: 'live' as const, bytes: 0 };
    const emptied = [...lists.emptied, ...this.#emptied];
    const change = { segments: this.#segments, ...lists, emptied };
    if (there === undefined) catalog.initialise(settings, wal, change);
    else catalog.update(() => ({ ...change, wals: [wal] }));
    environment.fileSystem.syncDirectory(directory);
    return catalog.load();
  }

  /** Removes segments and logs that are not listed, and at last the mark where there is a store. */
  #sweep({ segments, wals }: Pick<Manifest, 'segments' | 'wals'>): void {
    const { environment, directory } = this.#place;
    const { fileSystem } = environment;
    const listed = new Set(segments.map(({ id }) => id));
    for (const file of fileSystem.list(segmentDirectory(directory))) {
      const id = parseSegmentFile(file);
      if (id !== undefined && !listed.has(id)) fileSystem.remove(segmentPath(directory, id));
    }
    const suffixes = new Set(wals.map(({ suffix }) => suffix));
    for (const file of fileSystem.list(walDirectory(directory))) {
      const name = parseWalFile(file);
      if (name === undefined || suffixes.has(name.suffix)) continue;
      fileSystem.remove(walPath(directory, name));
      fileSystem.remove(endPath(directory, name));
    }
    if (wals.length === 0) return;
    if (fileSystem.status(unfinishedPath(directory)) === undefined) return;
    fileSystem.remove(unfinishedPath(directory));
    fileSystem.syncDirectory(directory);
  }
}
