/**
 * The files of one store, open and followed: catalog, log and segments, kept in step with what other
 * processes do. A reader may come too late for a file that was flushed or merged away; then the
 * catalog is read again, which names the files that hold the same entries now.
 */
import { monotonicMs } from '../base/clock.js';
import type { Cursor, Found } from '../base/cursor.js';
import { damaged, systemCode } from '../base/errors.js';
import { MiB, walBytesMax } from '../base/limits.js';
import type { CatalogDoor } from '../catalog/catalog.js';
import {
  type Manifest,
  snapshotNamed,
  type SnapshotRow,
  type WalRow,
  writersOf,
} from '../catalog/manifest.js';
import { catalogPath } from '../disk/names.js';
import { BlockCache } from '../segment/block-cache.js';
import { noNow } from '../wal/format.js';
import type { Tail } from '../wal/wal-file.js';
import { findCold } from './cold-find.js';
import type { FilesPlace } from './files-place.js';
import { findEach, type OnFound } from './find-each.js';
import { Log } from './log.js';
import { Memtable } from './memtable.js';
import { readTime, validAt } from './read-time.js';
import { SegmentSet } from './segment-set.js';
import { SharedLook } from './shared-look.js';
import { filesOf, pathOf, whileFilesVanish } from './vanished-files.js';
import { View } from './view.js';
import { holdsWrites, lostCatalog } from './written-files.js';

/** A log becomes a memtable of about twice its size, and several may wait to be flushed. */
const memtableShare = 1 / 8;
/** How long a change of the catalog that the log does not tell of may go unnoticed. */
const catalogCheckMs = 1000;

/** A cursor over a consistent view; `release` when done with it. */
export interface HeldView {
  cursor: Cursor;
  view: View;
}

export class LiveFiles {
  readonly place: FilesPlace;
  readonly catalog: CatalogDoor;
  readonly cache: BlockCache;
  readonly segments: SegmentSet;
  /** A backup is only read. */
  readonly isBackup: boolean;
  #manifest: Manifest;
  #log: Log;
  #dataVersion: number;
  #checkedAt = monotonicMs();
  #followedTo: number;
  #wasRead = false;
  /** The most that memtables and indexes ever took, in bytes. */
  #othersMax = 0;
  #sorting: Memtable | undefined;
  /** What another thread takes that makes segments. */
  #buildersBytes = 0;
  readonly #look: SharedLook;
  #lastView: { tail: Tail; manifest: Manifest; view: View } | undefined;

  private constructor(place: FilesPlace, catalog: CatalogDoor) {
    this.catalog = catalog;
    this.cache = new BlockCache(place.memoryBytes);
    this.#look = new SharedLook(() => this.refresh(), place.environment.whenLookOver);
    this.#dataVersion = catalog.dataVersion();
    this.#manifest = catalog.load();
    this.isBackup = this.#manifest.backups.length > 0;
    this.place = { ...place, isReadOnly: place.isReadOnly || this.isBackup };
    this.segments = new SegmentSet({
      fileSystem: place.environment.fileSystem,
      directory: place.directory,
      storeIds: writersOf(this.#manifest),
      cache: this.cache,
    });
    this.#log = this.#openLog();
    this.#followedTo = this.#log.active.generation;
    this.segments.update(this.#manifest.segments);
  }

  /**
   * Answers undefined if there is no store in the directory (or one only half created).
   * @throws ERR_TIMEKV_DAMAGED if there is one whose catalog has gone
   */
  static open(place: FilesPlace): LiveFiles | undefined {
    const { environment, directory } = place;
    const opened = LiveFiles.#openIfMade(place);
    if (opened !== undefined || !holdsWrites(environment.fileSystem, directory)) return opened;
    // Another process may have created it, and written to it, since the first look.
    const openedNow = LiveFiles.#openIfMade(place);
    if (openedNow !== undefined) return openedNow;
    throw lostCatalog(directory);
  }

  static #openIfMade(place: FilesPlace): LiveFiles | undefined {
    const { fileSystem, openCatalog } = place.environment;
    const path = catalogPath(place.directory);
    if (fileSystem.status(path) === undefined) return undefined;
    const catalog = openCatalog(path, place.isReadOnly ? 'read' : 'write', place.busyTimeoutMs);
    try {
      if (catalog.isInitialised()) return new LiveFiles(place, catalog);
    } catch (error) {
      catalog.close();
      throw error;
    }
    catalog.close();
    return undefined;
  }

  get log(): Log {
    return this.#log;
  }

  get manifest(): Manifest {
    return this.#manifest;
  }

  /** Sorts what is flushed; used again, since large memory that comes and goes piles up. */
  get sorting(): Memtable {
    return (this.#sorting ??= new Memtable());
  }

  /** Told after each segment that was made elsewhere. */
  buildersMemory(bytes: number): void {
    this.#buildersBytes = bytes;
    this.shareMemory();
  }

  /** Follows what other processes have committed; answers the state after the last of it. */
  refresh(): Tail {
    this.#look.forget();
    return this.withFreshFiles(() => {
      let tail = this.#log.refresh();
      const generation = this.#log.active.generation;
      const now = monotonicMs();
      if (generation !== this.#followedTo || now - this.#checkedAt > catalogCheckMs) {
        this.#followedTo = generation;
        this.#checkedAt = now;
        if (this.catalog.dataVersion() !== this.#dataVersion) {
          this.reload();
          tail = this.#log.refresh();
        }
        this.place.noticed?.();
      }
      return tail;
    });
  }

  /** Looks now, and lets the reads of this run of code do with it. */
  lookNow(): void {
    this.#look.now();
  }

  /** Something was committed here, which the next read is to see. */
  forgetLook(): void {
    this.#look.forget();
  }

  /** For the holder of the write lock: the end of the log, after whatever others have changed. */
  catchUp(): Tail {
    const tail = this.#log.catchUp();
    const isSame = this.#log.active.generation === this.#followedTo;
    // Who moves the horizon ends the log, so that nobody writes on without having seen it.
    if (isSame && this.#manifest.retention.length === 0) return tail;
    this.#followedTo = this.#log.active.generation;
    if (this.catalog.dataVersion() === this.#dataVersion) return tail;
    this.reload();
    return this.#log.catchUp();
  }

  /** Reads the catalog again and takes over what it says. */
  reload(): void {
    this.#look.forget();
    const dataVersion = this.catalog.dataVersion();
    this.#manifest = this.catalog.load();
    const first = this.#firstLive();
    if (!this.#log.has(first)) {
      const left = this.#log;
      this.#log = this.#openLog();
      left.close();
    } else {
      this.#log.dropBefore(first.generation);
    }
    // Last, since opening the log may have found a later state of the catalog.
    this.segments.update(this.#manifest.segments);
    this.#dataVersion = dataVersion;
    this.#followedTo = this.#log.active.generation;
    this.shareMemory();
  }

  /**
   * Runs a read; if a file that it needs has gone, reads the catalog again and repeats it.
   * @throws ERR_TIMEKV_DAMAGED naming the file if the catalog goes on naming it
   */
  withFreshFiles<T>(read: () => T): T {
    return this.#whileFilesVanish(read, () => {
      this.reload();
    });
  }

  /**
   * The version that is valid as of a time, of what is committed now.
   * @param time undefined: now
   */
  find(key: Buffer, time: number | undefined): Found | undefined {
    try {
      return this.#findNow(key, time);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
      return this.withFreshFiles(() => this.#findNow(key, time));
    }
  }

  #findNow(key: Buffer, time: number | undefined): Found | undefined {
    const tail = this.#look.recent();
    const timestamp = time ?? this.#readTime(tail);
    // The first read of a process, often its only one, is not worth building memtables for.
    if (!this.#wasRead && this.#pin === undefined && timestamp >= this.horizon) {
      this.#wasRead = true;
      const cold = findCold(this.#log, this.segments, key, timestamp);
      if (cold !== 'undecided') return validAt(cold, key, timestamp);
    }
    return validAt(this.#viewAt(tail).findKept(key, timestamp), key, timestamp);
  }

  /** The same of many keys, on one view. */
  findMany(keys: readonly Buffer[], time: number | undefined, found: OnFound): void {
    this.#wasRead = true;
    this.withFreshFiles(() => {
      const tail = this.#look.recent();
      findEach(this.#viewAt(tail), keys, time ?? this.#readTime(tail), found);
    });
  }

  #readTime({ lastNow }: Tail): number {
    const { clock } = this.place.environment;
    return this.#pin?.now ?? readTime(this.#manifest.settings.unit, clock, lastNow);
  }

  /** What is committed now, as one consistent state; the same one while nothing has changed. */
  view(): View {
    this.#wasRead = true;
    return this.withFreshFiles(() => this.#viewAt(this.refresh()));
  }

  /** For the holder of the write lock: everything in the log, committed or not. */
  viewOfAll(): View {
    return this.#viewUpTo(Infinity, this.#log.active.committed().lastNow);
  }

  /** A cursor over a view whose files stay open until the view is released. */
  hold(range: { from: Buffer | undefined; to: Buffer | undefined }): HeldView {
    this.#wasRead = true;
    return this.withFreshFiles(() => {
      const { seq, lastNow } = this.#viewAt(this.#look.recent());
      const view = this.#viewUpTo(seq, lastNow);
      return { cursor: view.hold(range), view };
    });
  }

  /**
   * Gives the block cache what memtables and indexes leave of the memory tier. What they took at most
   * stays theirs: memory that goes to and fro would lie about until a garbage collection each time.
   */
  shareMemory(): void {
    const others = this.memtableBytes() + this.segments.memoryBytes;
    this.#othersMax = Math.max(this.#othersMax, others);
    this.cache.setLimit(Math.max(MiB, this.place.memoryBytes - this.#othersMax));
  }

  memtableBytes(): number {
    const tables = this.#log.generations.map((each) => each.memtable?.memoryBytes ?? 0);
    const sorting = this.#buildersBytes + (this.#sorting?.memoryBytes ?? 0);
    return tables.reduce((sum, bytes) => sum + bytes, sorting);
  }

  close(): void {
    this.#log.close();
    this.segments.close();
    this.catalog.close();
  }

  /** True if the error says that a file is missing which the catalog names, as of now. */
  names(error: unknown): boolean {
    if (systemCode(error) !== 'ENOENT') return false;
    this.reload();
    return filesOf(this.place.directory, this.#manifest).includes(pathOf(error) ?? '');
  }

  #viewAt(tail: Tail): View {
    const last = this.#lastView;
    if (last?.tail === tail && last.manifest === this.#manifest) return last.view;
    const view = this.#viewUpTo(tail.seq, tail.lastNow);
    this.#lastView = { tail, manifest: this.#manifest, view };
    this.shareMemory();
    return view;
  }

  #viewUpTo(seq: number, lastNow: number): View {
    const memtables = this.#log.memtables();
    const pin = this.#pin;
    return new View({
      memtables,
      segments: this.segments.handles,
      seq,
      lastNow: pin === undefined ? lastNow : noNow,
      holes: this.#log.holes(),
      horizon: this.horizon,
      pinnedSeq: pin?.seq,
    });
  }

  /** Nothing can be read as of times before it; −Infinity: there is none. */
  get horizon(): number {
    const pin = this.#pin;
    return (pin === undefined ? this.#manifest.retention[0] : pin)?.horizon ?? -Infinity;
  }

  /** True if keys may have marks. */
  get marksKeys(): boolean {
    return this.#manifest.retention[0]?.marksKeys === 1;
  }

  /** The snapshot that is read, if one is. */
  get #pin(): SnapshotRow | undefined {
    const { snapshot } = this.place;
    return snapshot === undefined ? undefined : snapshotNamed(this.#manifest, snapshot);
  }

  /** @throws ERR_TIMEKV_NO_SNAPSHOT if there is none of the name that is to be read */
  requireSnapshot(): void {
    if (this.place.snapshot !== undefined) snapshotNamed(this.#manifest, this.place.snapshot);
  }

  /** What a read without a time is as of. */
  now(): number {
    return this.#readTime(this.refresh());
  }

  /** The last operation that is seen. */
  lastSeq(): number {
    const { seq } = this.refresh();
    return this.#pin?.seq ?? seq;
  }

  #firstLive(): WalRow {
    const first = this.#manifest.wals.find((row) => row.state === 'live');
    if (first === undefined) throw damaged(this.catalog.path, 0, 'it names no live log');
    return first;
  }

  #openLog(): Log {
    const { environment, directory, isReadOnly, memoryBytes } = this.place;
    const walBytes = Math.min(walBytesMax, memoryBytes * memtableShare);
    return this.#whileFilesVanish(
      () => {
        const storeId = this.#manifest.settings.storeId;
        const place = { directory, storeId, isReadOnly, walBytesMax: walBytes };
        return Log.open(environment, place, this.#firstLive());
      },
      () => {
        this.#manifest = this.catalog.load();
      },
    );
  }

  /** @param renew reads the catalog again */
  #whileFilesVanish<T>(read: () => T, renew: () => void): T {
    return whileFilesVanish(read, () => {
      const { epoch } = this.#manifest;
      renew();
      return this.#manifest.epoch !== epoch;
    });
  }
}
