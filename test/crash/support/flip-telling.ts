/** How damage must be told: by the name of a file that is damaged, and the place in it. */
import type { ErrorCode, TimekvError } from '../../../src/base/errors.js';
import type { Places, Spot } from './flip-places.js';
import type { Files, FlipStore } from './flip-store.js';

export class Telling {
  readonly #store: FlipStore;
  readonly #files: Files;
  readonly #places: Places;
  readonly #spot: Spot | undefined;
  /** What was told rightly already: most reads are refused for the same. */
  readonly #right = new Set<string>();

  /** @param files as they are with the damage @param spot where it is, if in one place */
  constructor(store: FlipStore, files: Files, places: Places, spot: Spot | undefined) {
    this.#store = store;
    this.#files = files;
    this.#places = places;
    this.#spot = spot;
  }

  /** @throws if an error does not tell damage with a file that is damaged or missing, and the place */
  requireTold(error: TimekvError, doing: string): void {
    const { code, file = '', offset } = error;
    const name = `${code} ${file} ${offset}`;
    if (this.#right.has(name)) return;
    const path = shortPath(file);
    const isPlaced =
      code === 'ERR_TIMEKV_DAMAGED' ? this.#leads(path, offset) : this.#mayTell(code);
    if (!isPlaced || !this.#isDamaged(path)) {
      const told = `${name}: ${error.message}`;
      throw new Error(`${doing} is refused in the wrong way: ${told}`, { cause: error });
    }
    this.#right.add(name);
  }

  /** @throws if a check of the store names a file that is sound, or a place where nothing is wrong */
  requireNamed(file: string, offset: number): void {
    const path = shortPath(file);
    if (!this.#isDamaged(path) && !this.#goesOnFromDamage(path))
      throw new Error(`verify names ${path}, which is sound`);
    if (!this.#leads(path, offset)) throw new Error(`verify names ${path} at ${offset}`);
  }

  /** Told of damage in one place, the offset leads there; else it is at least one of the file. */
  #leads(path: string, offset: number | undefined): boolean {
    if (offset === undefined || !Number.isSafeInteger(offset) || offset < 0) return false;
    if (this.#spot !== undefined) return this.#places.leadsTo(this.#spot, path, offset);
    const sizes = [this.#store.files, this.#files].map((files) => files.get(path)?.length ?? 0);
    return offset <= Math.max(...sizes);
  }

  /** What marks the catalog as ours, or names its format, may be what is damaged. */
  #mayTell(code: ErrorCode): boolean {
    const [before, after] = [this.#store.files, this.#files].map(
      (files) => files.get('catalog.db') ?? Buffer.alloc(0),
    );
    if (before === undefined || after === undefined) return false;
    if (code === 'ERR_TIMEKV_UNSUPPORTED_FORMAT') return !before.equals(after);
    const isMarked = before.subarray(68, 72).equals(after.subarray(68, 72));
    return code === 'ERR_TIMEKV_NOT_A_STORE' && !isMarked;
  }

  /** A log that does not go on where the one before it ends may be told by its own name. */
  #goesOnFromDamage(path: string): boolean {
    const before = `wal/${String(Number(path.slice(4, 12)) - 1).padStart(8, '0')}`;
    const logs = [...this.#store.files.keys()].filter((each) => each.startsWith(before));
    return path.startsWith('wal/') && logs.some((each) => this.#isDamaged(each));
  }

  /** A log and its register that do not fit together are told by the name of either. */
  #isDamaged(path: string): boolean {
    return this.#isChanged(path) || this.#isChanged(partner(path));
  }

  /** It was there, and is not as it was. */
  #isChanged(path: string): boolean {
    const { files, older } = this.#store;
    const now = this.#files.get(path);
    const before = files.get(path);
    if (before !== undefined) return now !== before && now?.equals(before) !== true;
    // A catalog of an earlier moment names files that were there then.
    const isCatalogOld = this.#files.get('catalog.db') !== files.get('catalog.db');
    return isCatalogOld && now === undefined && older.some((then) => then.has(path));
  }
}

/** From the store's directory, wherever that is. */
export function shortPath(file: string): string {
  return /(?:(?:wal|segments)\/)?[^/]*$/.exec(file)?.[0] ?? '';
}

/** The register of a log, and the log of a register. */
export function partner(path: string): string {
  return path.replace(/(wal|end)$/, (ending) => (ending === 'wal' ? 'end' : 'wal'));
}
