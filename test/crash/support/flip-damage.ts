/** All that FLIP does to the files of a store. */
import type { Random } from '../../support/random.js';
import { framesOf } from './flip-oracle.js';
import type { Spot } from './flip-places.js';
import type { Files, FlipStore } from './flip-store.js';

export interface Damage {
  /** Tells it apart from all others of the same seed. */
  name: string;
  /** Where, if it is in one place. */
  spot?: Spot;
  /** Changes the map, and never a buffer in it. */
  apply(files: Map<string, Buffer>): void;
}

type Mask = readonly [name: string, change: (byte: number) => number];

const masks: readonly [Mask, ...Mask[]] = [
  ['^1', (byte) => byte ^ 1],
  ['^0x80', (byte) => byte ^ 0x80],
  ['=0', () => 0],
  ['=0xff', () => 0xff],
];

/** So many zeros one after the other say nothing: filled ahead, or free space of SQLite. */
const fillBytes = 48;
/** Of a run of zeros so many bytes at each end are no less interesting than others. */
const edgeBytes = 8;
const garbageBytes = [1, 8, 100, 5000, 70_000];

/** Offsets that are not in the middle of a long run of zeros, and those that are. */
function offsetsOf(bytes: Buffer): { told: number[]; fill: number[] } {
  const told: number[] = [];
  const fill: number[] = [];
  for (let start = 0; start < bytes.length;) {
    let end = start;
    while (end < bytes.length && bytes[end] === 0) end++;
    const isFill = end - start >= fillBytes;
    if (end === start) end++;
    for (let at = start; at < end; at++) {
      const isEdge = at < start + edgeBytes || at >= end - edgeBytes;
      (isFill && !isEdge ? fill : told).push(at);
    }
    start = end;
  }
  return { told, fill };
}

function changed(
  files: Map<string, Buffer>,
  path: string,
  change: (bytes: Buffer) => Buffer,
): void {
  const bytes = files.get(path);
  if (bytes !== undefined) files.set(path, change(bytes));
}

function flip(path: string, at: number, [name, change]: Mask): Damage {
  return {
    name: `${path} byte ${at} ${name}`,
    spot: { path, at, isCut: false },
    apply: (files) => {
      changed(files, path, (bytes) => {
        const copy = Buffer.from(bytes);
        copy[at] = change(copy[at] ?? 0);
        return copy;
      });
    },
  };
}

function cut(path: string, length: number): Damage {
  return {
    name: `${path} cut to ${length}`,
    spot: { path, at: length, isCut: true },
    apply: (files) => {
      changed(files, path, (bytes) => bytes.subarray(0, length));
    },
  };
}

function remove(name: string, matches: (path: string) => boolean): Damage {
  return {
    name: `${name} removed`,
    apply: (files) => {
      for (const path of files.keys()) if (matches(path)) files.delete(path);
    },
  };
}

function swap(one: string, other: string): Damage {
  return {
    name: `${one} and ${other} swapped`,
    apply: (files) => {
      const [first, second] = [files.get(one), files.get(other)];
      if (first === undefined || second === undefined) return;
      files.set(one, second);
      files.set(other, first);
    },
  };
}

function extend(path: string, garbage: Buffer): Damage {
  return {
    name: `${path} longer by ${garbage.length} beginning ${garbage.toString('hex', 0, 4)}`,
    apply: (files) => {
      changed(files, path, (bytes) => Buffer.concat([bytes, garbage]));
    },
  };
}

/** Takes files from an earlier moment of the store. */
function makeOlder(name: string, then: Files, matches: (path: string) => boolean): Damage {
  return {
    name: `${name} as before`,
    apply: (files) => {
      for (const [path, bytes] of then)
        if (matches(path) && files.has(path)) files.set(path, bytes);
    },
  };
}

/** Every byte in four ways, each file cut to each length; of fill so many of either. */
export function* flipsAndCuts(files: Files, random: Random, ofFill: number): Generator<Damage> {
  for (const [path, bytes] of files) {
    const { told, fill } = offsetsOf(bytes);
    const some =
      fill.length <= ofFill ? fill : Array.from({ length: ofFill }, () => random.pick(fill));
    for (const at of [...told, ...new Set(some)]) {
      const byte = bytes[at] ?? 0;
      const seen = new Set([byte]);
      for (const mask of masks) {
        const next = mask[1](byte);
        if (seen.has(next)) continue;
        seen.add(next);
        yield flip(path, at, mask);
      }
      yield cut(path, at);
    }
  }
}

/** Whole files gone, swapped, older, longer. */
export function* filesDisturbed(store: FlipStore, random: Random): Generator<Damage> {
  const { files, older } = store;
  const paths = [...files.keys()];
  for (const path of paths) {
    yield remove(path, (each) => each === path);
    for (const length of garbageBytes) {
      const garbage = Buffer.from(Array.from({ length }, () => random.integer(0, 256)));
      yield extend(path, garbage);
      yield extend(path, Buffer.alloc(length));
      yield extend(path, Buffer.alloc(length, 1));
    }
    for (const other of paths) if (path < other) yield swap(path, other);
    if (path.endsWith('.wal'))
      yield remove(`${path} with its register`, (each) => isPair(each, path));
  }
  for (const folder of ['wal', 'segments']) {
    yield remove(folder, (path) => path.startsWith(`${folder}/`));
  }
  yield* framesReplaced(store);
  yield* framesBehindRegisters(store);
  yield remove('what SQLite has', (path) => !path.includes('/'));
  yield remove('all but the catalog', (path) => path !== 'catalog.db');
  for (const [index, then] of older.entries()) {
    for (const path of then.keys()) {
      const now = files.get(path);
      if (now === undefined || then.get(path)?.equals(now) !== false) continue;
      yield makeOlder(`${path} (${index})`, then, (each) => each === path);
      if (!path.endsWith('.wal')) continue;
      yield makeOlder(`${path} (${index}) and its register`, then, (each) => isPair(each, path));
    }
  }
}

/**
 * A frame that was written where another one is now, as of a write that never reached the disk. (Of
 * the last one nobody could tell.)
 */
function* framesReplaced({ files, twin }: FlipStore): Generator<Damage> {
  for (const [path, bytes] of files) {
    const other = twin.get(path);
    if (!path.endsWith('.wal') || other === undefined) continue;
    for (const { offset, total } of framesOf(bytes).slice(0, -1)) {
      if (other.subarray(offset, total).equals(bytes.subarray(offset, total))) continue;
      yield {
        name: `${path} frame at ${offset} as it never was`,
        apply: (changing) => {
          changed(changing, path, (now) => {
            const copy = Buffer.from(now);
            other.copy(copy, offset, offset, total);
            return copy;
          });
        },
      };
    }
  }
}

/** A register as a power cut may leave it, and a frame that is no frame any more: torn, or damaged? */
function* framesBehindRegisters({ files }: FlipStore): Generator<Damage> {
  for (const [path, bytes] of files) {
    if (!path.endsWith('.wal')) continue;
    const frames = framesOf(bytes);
    const register = path.replace(/wal$/, 'end');
    for (let published = 0; published <= frames.length; published++) {
      for (const { offset, end } of frames) {
        for (const at of [offset + 30, end - 1]) {
          const parts = [cut(register, published + 1), flip(path, at, masks[0])];
          yield together(parts);
        }
      }
    }
  }
}

function together(parts: readonly Damage[]): Damage {
  return {
    name: parts.map(({ name }) => name).join('; '),
    apply: (files) => {
      for (const part of parts) part.apply(files);
    },
  };
}

function isPair(path: string, wal: string): boolean {
  return path === wal || path === wal.replace(/wal$/, 'end');
}

/** Two to four damages of all kinds together, most of them to what is read. */
export function* manyAtOnce(store: FlipStore, random: Random): Generator<Damage> {
  // With an older catalog other logs are live than those that the oracle knows; and of a store of
  // which nothing is left, the catalog neither, nobody knows that it was there.
  const tooMuch = /wal\/0000000|^catalog\.db \(|^all but the catalog/;
  const disturbances = [...filesDisturbed(store, random)].filter(({ name }) => !tooMuch.test(name));
  const paths = [...store.files].filter(([, bytes]) => bytes.length > 0);
  const told = new Map(paths.map(([path, bytes]) => [path, offsetsOf(bytes).told]));
  const inLogs = paths.filter(([path]) => /^wal\/0000000[45]/.test(path));
  const one = (): Damage => {
    const [path, bytes] = random.pick(random.next() < 0.5 ? inLogs : paths);
    const at = random.pick(told.get(path) ?? [0]);
    const kind = random.next();
    if (kind < 0.55) return flip(path, at, random.pick(masks));
    if (kind < 0.7) return cut(path, at);
    if (kind < 0.85)
      return moveWithin(path, at, random.integer(0, bytes.length), 1 << random.integer(3, 11));
    return random.pick(disturbances);
  };
  for (;;) {
    const parts = Array.from({ length: random.integer(2, 5) }, one);
    yield together(parts);
  }
}

/** A piece that lies where another one should, as of a write that went astray. */
function moveWithin(path: string, to: number, from: number, length: number): Damage {
  return {
    name: `${path} from ${from} to ${to} (${length})`,
    apply: (files) => {
      changed(files, path, (bytes) => {
        const copy = Buffer.from(bytes);
        if (from < bytes.length) bytes.copy(copy, to, from, from + length);
        return copy;
      });
    },
  };
}

/** How many bytes are in the middle of long runs of zeros. */
export function fillOf(files: Files): number {
  return [...files.values()].reduce((sum, bytes) => sum + offsetsOf(bytes).fill.length, 0);
}

export function* take<T>(items: Iterable<T>, count: number): Generator<T> {
  let left = count;
  if (left <= 0) return;
  for (const item of items) {
    yield item;
    if (--left <= 0) return;
  }
}
