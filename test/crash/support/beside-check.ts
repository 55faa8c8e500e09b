/** What each of several writers was told, held against the store that they have left, damaged or not. */
import { quarantine, TimekvError, verify, type Loss, type Store } from '../../../src/index.js';
import type { Version } from '../../../src/options.js';
import { openAs } from '../../support/stores.js';

/** What a writer wrote down; each of its batches is one value under `NAME/left` and `NAME/right`. */
export interface Told {
  name: string;
  acknowledged: [value: string, seq: number][];
  /** Values of writes that failed in a way that leaves open whether they are there. */
  unknown: string[];
  /** How often each code was told. */
  errors: Record<string, number>;
  /** Answers that were wrong. */
  wrong: string[];
  /** How often the saboteur opened and closed a file. */
  touched: number;
}

export interface Left {
  /** What is gone, changed or came from nowhere without a word. */
  faults: string[];
  /** Histories, of two sides of each writer, that told of damage… */
  damaged: number;
  /** …and those that were checked whole, once what is damaged was put aside. */
  whole: number;
  /** Acknowledged versions that the report of the damage said may be lost, and that are. */
  lostAsTold: number;
}

const sides = ['left', 'right'] as const;

/** Looks at all that can be read; then puts aside what is damaged, and looks at everything. */
export async function checkLeft(directory: string, all: readonly Told[]): Promise<Left> {
  const left: Left = { faults: [], damaged: 0, whole: 0, lostAsTold: 0 };
  const store = await openOrDamage(directory);
  for (const told of all) {
    for (const side of sides) {
      const { versions, isDamaged } = readAsFarAs(store, `${told.name}/${side}`);
      left.faults.push(...foreignIn(versions, told, side));
      if (isDamaged) left.damaged++;
    }
  }
  await store?.close();
  const isDamaged = left.damaged > 0;
  const losses = isDamaged ? await quarantine(directory, await verify(directory)) : [];
  const whole = await openAs<string>(directory);
  for (const told of all) checkWhole(whole, told, { losses, left });
  await whole.close();
  return left;
}

async function openOrDamage(directory: string): Promise<Store | undefined> {
  try {
    return await openAs<string>(directory);
  } catch (error) {
    requireDamage(error);
    return undefined;
  }
}

/** The versions of a key, one by one, up to where damage is told: what that hides nobody can say. */
function readAsFarAs(store: Store | undefined, key: string) {
  const versions: Version<string>[] = [];
  if (store === undefined) return { versions, isDamaged: true };
  try {
    for (const version of store.history(key)) versions.push(version);
    return { versions, isDamaged: false };
  } catch (error) {
    requireDamage(error);
    return { versions, isDamaged: true };
  }
}

/** Told with file and offset: that is what is asked for where it could not be prevented. */
function requireDamage(error: unknown): void {
  if (!(error instanceof TimekvError) || error.code !== 'ERR_TIMEKV_DAMAGED') throw error;
}

/** Versions that the writer never wrote, or that have another seq than it was told. */
function foreignIn(
  versions: readonly Version<string>[],
  told: Told,
  side: (typeof sides)[number],
): string[] {
  const seqs = new Map(told.acknowledged);
  const unknown = new Set(told.unknown);
  return versions.flatMap(({ key, value = '', seq }) => {
    const expected = seqs.get(value);
    const isRight =
      expected === undefined ? unknown.has(value) : seq === expected + sides.indexOf(side);
    return isRight ? [] : [`${key} has ${brief(value)} as seq ${seq}, told was ${expected}`];
  });
}

function checkWhole(
  store: Store,
  told: Told,
  { losses, left }: { losses: readonly Loss[]; left: Left },
): void {
  const isTold = (seq: number) =>
    losses.some(({ minSeq, maxSeq }) => minSeq <= seq && seq <= maxSeq);
  const found = sides.map((side) => [...store.history(`${told.name}/${side}`)]);
  const there = new Set<number>();
  for (const [index, side] of sides.entries()) {
    const versions = found[index] ?? [];
    left.faults.push(...foreignIn(versions, told, side));
    for (const { seq } of versions) there.add(seq);
    left.whole++;
  }
  const firsts = new Map(told.acknowledged.map(([value, seq]) => [seq, value]));
  // Unknown ones too are there whole or not at all.
  for (const { seq, value = '' } of found[0] ?? []) firsts.set(seq, value);
  for (const { seq, value = '' } of found[1] ?? []) firsts.set(seq - 1, value);
  for (const [first, value] of firsts) {
    for (const seq of [first, first + 1].filter((each) => !there.has(each))) {
      if (isTold(seq)) left.lostAsTold++;
      else left.faults.push(`${told.name}: seq ${seq} of ${brief(value)} is lost`);
    }
  }
}

function brief(value: string): string {
  return JSON.stringify(value.slice(0, 40));
}
