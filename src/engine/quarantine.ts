/**
 * Goes on without what is damaged. What can be read of a damaged file is written anew, the file is
 * put aside under its name, and the catalog remembers what was lost. The order is that of a flush:
 * 1. copies in `quarantine/` and new segments, synced with their directories, 2. one catalog
 * transaction (the commit point), 3. only then files removed. Whatever comes before 2 may be cut
 * short and done again. Only what a report has named is given up.
 */
import { basename } from 'node:path';
import { damageOf, shownSeqs } from '../base/damage.js';
import { damaged, systemCode, TimekvError } from '../base/errors.js';
import type { SegmentProperties } from '../base/segment-properties.js';
import type { CatalogDoor } from '../catalog/catalog.js';
import type { LockDoor } from '../catalog/lock.js';
import { type Loss, type Manifest, type WalRow, writersOf } from '../catalog/manifest.js';
import {
  catalogPath,
  endPath,
  maintenanceLockPath,
  segmentDirectory,
  segmentPath,
  walPath,
  parseWalFile,
  type WalName,
  writeLockPath,
} from '../disk/names.js';
import { openSegmentFile, wholeSegment } from '../segment/segment-check.js';
import type { SeqRange } from '../segment/segment-writer.js';
import type { SegmentFile } from '../segment/segment-file.js';
import { SegmentWalk } from '../segment/segment-walk.js';
import { endLog, keptRows, lossesOf, rescue, type EndedLog } from './log-rescue.js';
import { putAside } from './put-aside.js';
import { buildSegmentOf } from './segment-build.js';
import { areAccepted, type VerifyPlace, type VerifyReport } from './verify.js';

/** So many parts of a file are named in one loss. */
const namedPartsMax = 8;

/** What comes in the place of a damaged segment: undefined if nothing of it can be read. */
interface Rescued {
  damaged: SegmentProperties;
  replacement: SegmentProperties | undefined;
  losses: Loss[];
}

/**
 * Puts aside what the report names.
 * @returns what was lost; empty if all that was damaged could be made anew
 * @throws ERR_TIMEKV_DAMAGED if the catalog is damaged: nobody else knows which files count
 */
export async function quarantineDamage(place: VerifyPlace, report: VerifyReport): Promise<Loss[]> {
  const { environment, directory, busyTimeoutMs } = place;
  const named = new Set(report.damages.map(({ file }) => file));
  const lock = environment.openLock(maintenanceLockPath(directory), busyTimeoutMs);
  try {
    await lock.acquire(busyTimeoutMs);
    const catalog = openCatalog(place);
    try {
      return await new Quarantine(place, catalog, named).run();
    } finally {
      catalog.close();
    }
  } finally {
    lock.close();
  }
}

function openCatalog({ environment, directory, busyTimeoutMs }: VerifyPlace): CatalogDoor {
  const path = catalogPath(directory);
  let catalog: CatalogDoor | undefined;
  try {
    catalog = environment.openCatalog(path, 'write', busyTimeoutMs);
    const [fault] = catalog.faults();
    if (fault !== undefined) throw damaged(path, 0, fault);
    catalog.load();
    return catalog;
  } catch (error) {
    catalog?.close();
    if (!(error instanceof TimekvError) || error.damage === undefined) throw error;
    throw new TimekvError(
      'ERR_TIMEKV_DAMAGED',
      `${path} is damaged (${error.damage}), and nothing else tells which files belong to the store; restore a backup, or save what the files hold: timekv dump FILE --format ndjson | timekv import --input-format ndjson --dir NEW, for each file in segments and wal, oldest first`,
      { file: path, offset: 0, cause: error },
    );
  }
}

class Quarantine {
  readonly #place: VerifyPlace;
  readonly #catalog: CatalogDoor;
  readonly #named: ReadonlySet<string>;
  readonly #manifest: Manifest;
  readonly #acceptedAt: number;

  constructor(place: VerifyPlace, catalog: CatalogDoor, named: ReadonlySet<string>) {
    this.#place = place;
    this.#catalog = catalog;
    this.#named = named;
    this.#manifest = catalog.load();
    this.#acceptedAt = place.environment.clock.now();
  }

  async run(): Promise<Loss[]> {
    const { environment, directory } = this.#place;
    const segments: Rescued[] = [];
    for (const row of this.#manifest.segments) {
      if (this.#named.has(segmentPath(directory, row.id))) segments.push(await this.#segment(row));
    }
    const kept = this.#keptBehindDamage();
    const ended = this.#isLogNamed() ? await this.#endLog() : undefined;
    const rescued = ended === undefined ? [] : await rescue(this.#place, this.#manifest, ended);
    if (segments.length + rescued.length > 0) {
      environment.fileSystem.syncDirectory(segmentDirectory(directory));
    }
    return this.#commit({ segments, rescued, ended, kept });
  }

  /** Writes what can be read of a damaged segment anew, and puts it aside. */
  async #segment(row: SegmentProperties): Promise<Rescued> {
    const { environment, directory } = this.#place;
    const { fileSystem } = environment;
    const path = segmentPath(directory, row.id);
    const { storeId } = this.#manifest.settings;
    const parts: string[] = [];
    let replacement: SegmentProperties | undefined;
    let file: SegmentFile | undefined;
    try {
      file = openSegmentFile(fileSystem, path, { ...row, storeIds: writersOf(this.#manifest) });
      const walk = new SegmentWalk(file, ({ lost }) => parts.push(lost));
      const place = { environment, directory, storeId };
      replacement = await buildSegmentOf(place, walk.entries(), file.identity.isDeflated);
    } catch (error) {
      // What cannot even be opened has nothing that can be read.
      if (file !== undefined) throw error;
      if (systemCode(error) !== 'ENOENT') damageOf(error, 0);
      parts.push(wholeSegment(row));
    } finally {
      file?.close();
    }
    await putAside(environment, directory, [path]);
    const entries = row.entries - (replacement?.entries ?? 0);
    const more = parts.length - namedPartsMax;
    const named = [...parts.slice(0, namedPartsMax), ...(more > 0 ? [`and ${more} more`] : [])];
    const lost = `${entries} of ${row.entries} versions: ${named.join('; ')}`;
    const { minSeq, maxSeq } = row;
    const loss = { acceptedAt: this.#acceptedAt, file: basename(path), minSeq, maxSeq, lost };
    return { damaged: row, replacement, losses: entries === 0 ? [] : [loss] };
  }

  /** Kept logs that are whole up to the last one: who watches must meet no gap. */
  #keptBehindDamage(): WalRow[] {
    const kept = this.#manifest.wals.filter(({ state }) => state === 'kept');
    const last = kept.findLastIndex((row) => this.#isNamed(row));
    return kept.slice(last + 1);
  }

  #isNamed(name: WalName): boolean {
    const { directory } = this.#place;
    return this.#named.has(walPath(directory, name)) || this.#named.has(endPath(directory, name));
  }

  #isLogNamed(): boolean {
    const firstLive = this.#manifest.wals.find(({ state }) => state === 'live')?.generation ?? 0;
    return [...this.#named].some((file) => {
      const name = parseWalFile(basename(file));
      return name !== undefined && name.generation >= firstLive;
    });
  }

  async #endLog(): Promise<EndedLog> {
    const { environment, directory, busyTimeoutMs } = this.#place;
    const lock: LockDoor = environment.openLock(writeLockPath(directory), busyTimeoutMs);
    try {
      await lock.acquire(busyTimeoutMs);
      return await endLog(this.#place, this.#manifest);
    } finally {
      lock.close();
    }
  }

  async #commit(found: {
    segments: Rescued[];
    rescued: SegmentProperties[];
    ended: EndedLog | undefined;
    kept: WalRow[];
  }): Promise<Loss[]> {
    const { directory, environment } = this.#place;
    const { ended, rescued } = found;
    const bad = this.#manifest.wals.filter((row) => row.state === 'kept' && this.#isNamed(row));
    await putAside(environment, directory, pathsOf(directory, bad));
    const accepted = [
      ...found.segments.flatMap(({ losses }) => losses),
      ...(ended === undefined ? [] : lossesOf(ended, this.#manifest, this.#acceptedAt)),
    ];
    const isDamaged = (id: string) => found.segments.find((each) => each.damaged.id === id);
    const rows =
      ended === undefined ? [] : keptRows(this.#place, ended.files, (name) => this.#isNamed(name));
    const { wals } = this.#catalog.update((manifest) => {
      requireSame(manifest, this.#manifest, directory);
      const segments = manifest.segments.flatMap((row) => {
        const damage = isDamaged(row.id);
        return damage === undefined ? [row] : (damage.replacement ?? []);
      });
      const live = manifest.wals.filter(({ state }) => state === 'live');
      // A log that ends in damage takes those before it along.
      const hasCut = ended !== undefined && rows.length < ended.files.length;
      const kept = hasCut ? [] : found.kept;
      const next: WalRow[] =
        ended === undefined ? live : [...rows, { ...ended.next, state: 'live', bytes: 0 }];
      const all = [...segments, ...rescued];
      accepted.push(
        ...this.#gaps(all, [...manifest.losses, ...manifest.emptied, ...accepted], ended),
      );
      const losses = [...manifest.losses, ...accepted];
      return { segments: all, wals: [...kept, ...next], losses };
    });
    const listed = new Set(wals.map(({ suffix }) => suffix));
    const old = [...this.#manifest.wals, ...(ended?.files ?? []).map(({ name }) => name)];
    const unlisted = old.filter(({ suffix }) => !listed.has(suffix));
    this.#remove([
      ...found.segments.map((each) => segmentPath(directory, each.damaged.id)),
      ...pathsOf(directory, unlisted),
    ]);
    return accepted;
  }

  /** What no file holds and nobody has told of, such as a segment that the catalog has lost. */
  #gaps(
    segments: readonly SegmentProperties[],
    known: readonly SeqRange[],
    ended: EndedLog | undefined,
  ): Loss[] {
    const acceptedAt = this.#acceptedAt;
    const gaps: Loss[] = [];
    let last = 0;
    const next = (minSeq: number) => {
      if (minSeq <= last + 1 || areAccepted(known, last + 1, minSeq - 1)) return;
      const lost = `${shownSeqs(last + 1, minSeq - 1)}, of any key`;
      gaps.push({ acceptedAt, file: 'catalog.db', minSeq: last + 1, maxSeq: minSeq - 1, lost });
    };
    for (const { minSeq, maxSeq } of segments) {
      next(minSeq);
      last = maxSeq;
    }
    if (ended !== undefined) next(ended.baseSeq + 1);
    return gaps;
  }

  /** What a crash leaves here is swept by the next process that does maintenance. */
  #remove(paths: readonly string[]): void {
    for (const path of paths) this.#place.environment.fileSystem.remove(path);
  }
}

function pathsOf(directory: string, names: readonly WalName[]): string[] {
  return names.flatMap((name) => [walPath(directory, name), endPath(directory, name)]);
}

/** The maintenance lock may have been lost without a word (see `requireOurs`). */
function requireSame(now: Manifest, before: Manifest, directory: string): void {
  if (now.epoch === before.epoch) return;
  throw new TimekvError(
    'ERR_TIMEKV_BUSY',
    `another process did the maintenance of ${directory} at the same time, so nothing was put aside; try again`,
    { file: directory },
  );
}
