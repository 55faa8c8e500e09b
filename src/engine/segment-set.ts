/**
 * The live segments as handles: known from the catalog, opened when first needed, closed when the
 * catalog has dropped them and no view holds them any more.
 */
import { compareKeys } from '../base/entry.js';
import type { SegmentProperties } from '../base/segment-properties.js';
import type { FileSystem } from '../disk/file-system.js';
import { segmentPath } from '../disk/names.js';
import type { BlockCache } from '../segment/block-cache.js';
import { SegmentReader } from '../segment/segment-reader.js';

interface Place {
  fileSystem: FileSystem;
  directory: string;
  /** Who may have written them. */
  storeIds: readonly string[];
  cache: BlockCache;
}

export class SegmentHandle {
  readonly row: SegmentProperties;
  readonly #place: Place;
  #reader: SegmentReader | undefined;
  #holders = 0;
  #isRetired = false;

  constructor(place: Place, row: SegmentProperties) {
    this.#place = place;
    this.row = row;
  }

  /** @throws the system's ENOENT if the file has gone: read the catalog again */
  reader(): SegmentReader {
    const { fileSystem, directory, storeIds, cache } = this.#place;
    return (this.#reader ??= SegmentReader.open(
      fileSystem,
      segmentPath(directory, this.row.id),
      { ...this.row, storeIds },
      cache,
    ));
  }

  get memoryBytes(): number {
    return this.#reader?.memoryBytes ?? 0;
  }

  mayHoldKey(key: Buffer): boolean {
    return compareKeys(key, this.row.minKey) >= 0 && compareKeys(key, this.row.maxKey) <= 0;
  }

  overlaps({ from, to }: { from: Buffer | undefined; to: Buffer | undefined }): boolean {
    return (
      (from === undefined || compareKeys(this.row.maxKey, from) >= 0) &&
      (to === undefined || compareKeys(this.row.minKey, to) <= 0)
    );
  }

  retain(): void {
    this.#holders++;
  }

  release(): void {
    this.#holders--;
    this.#closeIfUnused();
  }

  retire(): void {
    this.#isRetired = true;
    this.#closeIfUnused();
  }

  /** True while views go on reading what the catalog has dropped. */
  get isHeld(): boolean {
    return this.#holders > 0;
  }

  close(): void {
    this.#reader?.close();
    this.#reader = undefined;
  }

  #closeIfUnused(): void {
    if (this.#isRetired && !this.isHeld) this.close();
  }
}

export class SegmentSet {
  readonly #place: Place;
  #handles: readonly SegmentHandle[] = [];
  /** Dropped by the catalog, and held by a view when that was last looked at. */
  #retired: readonly SegmentHandle[] = [];

  constructor(place: Place) {
    this.#place = place;
  }

  /** Newest first, by the order of commits. */
  get handles(): readonly SegmentHandle[] {
    return this.#handles;
  }

  /** True if some of them may hide all that others have of a key. */
  get erasesHistories(): boolean {
    return this.#handles.some(({ row }) => (row.traits?.historyErasures ?? 0) > 0);
  }

  /** True if the history of some keys does not go back to its beginning. */
  get hasMarks(): boolean {
    return this.#handles.some(({ row }) => (row.traits?.marks ?? 0) > 0);
  }

  get memoryBytes(): number {
    return this.#handles.reduce((sum, handle) => sum + handle.memoryBytes, 0);
  }

  /** Takes over the catalog's list: keeps what is in it still, retires what is not. */
  update(rows: readonly SegmentProperties[]): void {
    const known = new Map(this.#handles.map((handle) => [handle.row.id, handle]));
    const next: SegmentHandle[] = [];
    for (const row of rows) {
      next.push(known.get(row.id) ?? new SegmentHandle(this.#place, row));
      known.delete(row.id);
    }
    this.#handles = next.reverse();
    for (const dropped of known.values()) dropped.retire();
    this.#retired = [...this.#retired, ...known.values()].filter((handle) => handle.isHeld);
  }

  /** Also what an iterator holds that was never gone through to its end. */
  close(): void {
    this.update([]);
    for (const handle of this.#retired) handle.close();
    this.#retired = [];
  }
}
