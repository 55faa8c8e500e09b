/**
 * Checks everything that can be checked without knowing what was written: the catalog, every file
 * that it lists or that the log leads to, and how they fit together. Needs no open store, so that a
 * store that cannot be opened gets its report too; takes no lock, and goes on behind what is damaged.
 *
 * Others may write, flush and merge meanwhile. What looks damaged, or is missing, counts only if the
 * catalog goes on naming the file; else the files that hold the same now are checked as well.
 */
import { type Damage, damageOf, nothingLost, shownSeqs } from '../base/damage.js';
import { systemCode, TimekvError } from '../base/errors.js';
import { Slices } from '../base/slices.js';
import { type Loss, type Manifest, writersOf } from '../catalog/manifest.js';
import {
  catalogPath,
  endPath,
  maintenanceLockPath,
  segmentPath,
  walPath,
  writeLockPath,
  type WalName,
} from '../disk/names.js';
import { checkSegment, wholeSegment } from '../segment/segment-check.js';
import type { SeqRange } from '../segment/segment-writer.js';
import { checkWal, nothingOfLog, type WalCheck } from '../wal/wal-check.js';
import type { Environment } from './environment.js';
import { listedFiles, strayFiles, walsAfter } from './store-files.js';
import { holdsWrites } from './written-files.js';

export interface VerifyPlace {
  environment: Environment;
  directory: string;
  busyTimeoutMs: number;
}

export interface VerifyReport {
  /** How many files were checked, how large they are together, and how many versions they hold. */
  files: number;
  bytes: number;
  entries: number;
  /** All that is not as it was written. Empty: nothing is wrong. */
  damages: Damage[];
  /** Paths of files that nothing leads to: being made right now, or left over from a crash. */
  leftovers: string[];
  /** What was damaged earlier, and put aside. */
  losses: Loss[];
}

/** Of a store that is not there yet. */
export const emptyReport: VerifyReport = {
  files: 0,
  bytes: 0,
  entries: 0,
  damages: [],
  leftovers: [],
  losses: [],
};

export interface VerifyOptions {
  /** Called with the number of files checked so far. */
  onProgress?: (files: number) => void;
}

/** @throws ERR_TIMEKV_NO_STORE where there is none */
export async function verifyStore(
  place: VerifyPlace,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  return new Verification(place, options).run();
}

interface CheckedSegment {
  entries: number;
  damages: Damage[];
}

interface LogFile {
  name: WalName;
  check: WalCheck;
  isKept: boolean;
}

class Verification {
  readonly #place: VerifyPlace;
  readonly #onProgress: (files: number) => void;
  readonly #slices = new Slices();
  /** Of the catalog, the locks, and how the files fit together. */
  readonly #damages: Damage[] = [];
  /** What is known of each segment, by its path. */
  readonly #segments = new Map<string, CheckedSegment>();
  /** What is known of each WAL file, by its path. */
  readonly #wals = new Map<string, WalCheck>();
  /** The log as it was followed last: kept files, then live ones. */
  #log: LogFile[] = [];
  #files = 0;
  #bytes = 0;

  constructor(place: VerifyPlace, { onProgress = () => undefined }: VerifyOptions) {
    this.#place = place;
    this.#onProgress = onProgress;
  }

  async run(): Promise<VerifyReport> {
    const { environment, directory } = this.#place;
    const catalog = this.#checkCatalog();
    this.#checkLocks();
    if (catalog === undefined) {
      const found = listedFiles(environment, directory);
      await this.#checkFiles(found, false);
      return this.#report(found, []);
    }
    let manifest = catalog;
    while (!(await this.#checkFiles(manifest, true))) manifest = this.#load();
    this.#checkSeqs(manifest);
    this.#checkChain();
    const names = this.#log.map(({ name }) => name);
    return this.#report(manifest, strayFiles(environment, directory, manifest.segments, names));
  }

  #report({ segments, losses }: Manifest, leftovers: string[]): VerifyReport {
    const { directory } = this.#place;
    const checks = segments.flatMap(({ id }) => {
      return this.#segments.get(segmentPath(directory, id)) ?? [];
    });
    const live = this.#log.filter(({ isKept }) => !isKept).map(({ check }) => check);
    const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);
    return {
      files: this.#files,
      bytes: this.#bytes,
      entries: sum([...checks, ...live].map(({ entries }) => entries)),
      damages: [
        ...this.#damages,
        ...checks.flatMap(({ damages }) => damages),
        ...this.#log.flatMap(({ check }) => check.damages),
      ],
      leftovers,
      losses,
    };
  }

  /** What the catalog says; undefined, and told, if it cannot be relied on. */
  #checkCatalog(): Manifest | undefined {
    const { environment, directory, busyTimeoutMs } = this.#place;
    const file = catalogPath(directory);
    const lost = 'which files belong to the store';
    const bytes = environment.fileSystem.status(file)?.bytes;
    const remains = holdsWrites(environment.fileSystem, directory);
    if (bytes === undefined) {
      if (!remains) throw noStore(directory);
      this.#damages.push({ file, offset: 0, what: 'the file is missing', lost });
      return undefined;
    }
    this.#count(bytes);
    try {
      const catalog = environment.openCatalog(file, 'read', busyTimeoutMs);
      try {
        if (!catalog.isInitialised()) {
          if (!remains) throw noStore(directory);
          this.#damages.push({ file, offset: 0, what: 'it is empty', lost });
          return undefined;
        }
        for (const what of catalog.faults()) {
          this.#damages.push({ file, offset: 0, what, lost: nothingLost });
        }
        return catalog.load();
      } finally {
        catalog.close();
      }
    } catch (error) {
      const isForeign = error instanceof TimekvError && error.code === 'ERR_TIMEKV_NOT_A_STORE';
      if (isForeign && !remains) throw error;
      const damage = isForeign
        ? { offset: 0, what: 'it is not marked as one of timekv' }
        : damageOf(error, 0);
      this.#damages.push({ file, ...damage, lost });
      return undefined;
    }
  }

  #load(): Manifest {
    const { environment, directory, busyTimeoutMs } = this.#place;
    const catalog = environment.openCatalog(catalogPath(directory), 'read', busyTimeoutMs);
    try {
      return catalog.load();
    } finally {
      catalog.close();
    }
  }

  /** The files behind the locks hold nothing; one that is no SQLite file keeps writers out. */
  #checkLocks(): void {
    const { environment, directory, busyTimeoutMs } = this.#place;
    const lost = 'nothing, but nobody can take the lock; end all processes, then remove the file';
    for (const file of [writeLockPath(directory), maintenanceLockPath(directory)]) {
      const bytes = environment.fileSystem.status(file)?.bytes;
      if (bytes === undefined) continue;
      this.#count(bytes);
      try {
        const lock = environment.openCatalog(file, 'read', busyTimeoutMs);
        try {
          for (const what of lock.faults()) this.#damages.push({ file, offset: 0, what, lost });
        } finally {
          lock.close();
        }
      } catch (error) {
        this.#damages.push({ file, ...damageOf(error, 0), lost });
      }
    }
  }

  /** False if a file has gone meanwhile: the catalog says what to look at in its place. */
  async #checkFiles(manifest: Manifest, hasCatalog: boolean): Promise<boolean> {
    for (const row of manifest.segments) {
      if (!(await this.#checkSegment(manifest, row, hasCatalog))) return false;
    }
    this.#log = [];
    for (const row of manifest.wals) {
      const isLive = row.state === 'live';
      for (let name: WalName | undefined = row; name !== undefined;) {
        const check = await this.#checkWal(manifest, name, { isKept: !isLive, hasCatalog });
        if (check === undefined) return false;
        this.#log.push({ name, check, isKept: !isLive });
        name = isLive && hasCatalog ? this.#following(name, check) : undefined;
      }
    }
    return true;
  }

  /** The file in which the log goes on. Where the seal is lost, files with frames tell. */
  #following(name: WalName, { end }: WalCheck): WalName | undefined {
    const { environment, directory } = this.#place;
    if (end !== undefined) return end.next;
    return walsAfter(environment, directory, name.generation)[0];
  }

  async #checkSegment(
    manifest: Manifest,
    row: Manifest['segments'][number],
    hasCatalog: boolean,
  ): Promise<boolean> {
    const { environment, directory } = this.#place;
    const file = segmentPath(directory, row.id);
    if (this.#segments.has(file)) return true;
    const expected = hasCatalog ? { ...row, storeIds: writersOf(manifest) } : undefined;
    const check = await unlessMissing(() =>
      checkSegment(environment.fileSystem, file, expected, this.#slices),
    );
    const damages = check?.damages ?? [
      { offset: 0, what: 'the file is missing', lost: wholeSegment(expected) },
    ];
    const isNamed = () => this.#load().segments.some(({ id }) => id === row.id);
    if (damages.length > 0 && hasCatalog && !isNamed()) return false;
    const named = damages.map((damage) => ({ file, ...damage }));
    this.#segments.set(file, { entries: check?.entries ?? 0, damages: named });
    this.#count(environment.fileSystem.status(file)?.bytes ?? 0);
    return true;
  }

  /** Undefined if the file has gone meanwhile. */
  async #checkWal(
    { settings }: Manifest,
    name: WalName,
    { isKept, hasCatalog }: { isKept: boolean; hasCatalog: boolean },
  ): Promise<WalCheck | undefined> {
    const { environment, directory } = this.#place;
    const { fileSystem, bootId } = environment;
    const path = walPath(directory, name);
    const known = this.#wals.get(path);
    // The one that was written to the last time may have been sealed since.
    if (known !== undefined && (known.end === undefined || known.end.next !== undefined)) {
      return known;
    }
    const registerPath = endPath(directory, name);
    const { storeId } = settings;
    const expected = hasCatalog ? { storeId, generation: name.generation, isKept } : undefined;
    const place = { fileSystem, path, registerPath, bootId };
    const check =
      (await unlessMissing(() => checkWal(place, expected, this.#slices))) ?? missingWal(path);
    if (check.damages.length > 0 && hasCatalog && !this.#isNamed(name)) return undefined;
    if (known === undefined) this.#count(check.bytes);
    this.#wals.set(path, check);
    return check;
  }

  /** The catalog lists it, or it comes behind the first live file. */
  #isNamed({ generation, suffix }: WalName): boolean {
    const { wals } = this.#load();
    const firstLive = wals.find(({ state }) => state === 'live')?.generation ?? Infinity;
    return generation > firstLive || wals.some((row) => row.suffix === suffix);
  }

  /** Seqs are given without gaps, and each lies in one place. */
  #checkSeqs({ segments, wals, losses, emptied }: Manifest): void {
    const file = catalogPath(this.#place.directory);
    const firstLive = wals.find(({ state }) => state === 'live')?.generation;
    const live = this.#log.find(({ name }) => name.generation === firstLive);
    const base = live?.check.header?.baseSeq;
    let last = 0;
    const tell = (what: string, lost: string) => {
      this.#damages.push({ file, offset: 0, what, lost });
    };
    const next = (minSeq: number, what: string) => {
      if (minSeq <= last) {
        tell(`${what} and what is before it both hold ${shownSeqs(minSeq, last)}`, nothingLost);
      } else if (minSeq > last + 1 && !areAccepted([...losses, ...emptied], last + 1, minSeq - 1)) {
        const seqs = shownSeqs(last + 1, minSeq - 1);
        tell(`nothing holds what comes before ${what}`, `${seqs}, of any key`);
      }
    };
    for (const { id, minSeq, maxSeq } of segments) {
      next(minSeq, `segment ${id}`);
      last = maxSeq;
    }
    if (base !== undefined) next(base + 1, 'the log');
  }

  /** Each file of the log goes on where the one before it ended. */
  #checkChain(): void {
    for (const [index, { name, check }] of this.#log.entries()) {
      const before = this.#log[index - 1];
      if (before === undefined || before.name.generation + 1 !== name.generation) continue;
      const { end, beforeSeal } = before.check;
      if (end === undefined || beforeSeal === undefined || check.header === undefined) continue;
      const { previousEnd, previousCrc, baseSeq, lastNow } = check.header;
      const isNext =
        end.next?.suffix === name.suffix &&
        previousEnd === beforeSeal.offset &&
        previousCrc === beforeSeal.crc &&
        baseSeq === beforeSeal.seq &&
        lastNow === beforeSeal.lastNow;
      if (isNext) continue;
      this.#damages.push({
        file: walPath(this.#place.directory, name),
        offset: 48,
        what: `it does not go on where generation ${before.name.generation} ends`,
        lost: 'what was between the two, of any key',
      });
    }
  }

  #count(bytes: number): void {
    this.#files++;
    this.#bytes += bytes;
    this.#onProgress(this.#files);
  }
}

/** True if it is known that of these seqs nothing is there. */
export function areAccepted(losses: readonly SeqRange[], first: number, last: number): boolean {
  let next = first;
  const inOrder = losses.toSorted((a, b) => a.minSeq - b.minSeq);
  for (const loss of inOrder) if (loss.minSeq <= next) next = Math.max(next, loss.maxSeq + 1);
  return next > last;
}

export async function unlessMissing<T>(check: () => Promise<T>): Promise<T | undefined> {
  try {
    return await check();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export function missingWal(file: string): WalCheck {
  const lost = 'what was in the file, of any key';
  return { ...nothingOfLog, damages: [{ file, offset: 0, what: 'the file is missing', lost }] };
}

function noStore(directory: string): TimekvError {
  return new TimekvError(
    'ERR_TIMEKV_NO_STORE',
    `there is no timekv store in ${directory}; name its directory`,
    { file: directory },
  );
}
