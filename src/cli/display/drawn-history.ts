/** The numbers of a key's history as a drawing. */
import type { Unit, Version } from '../../index.js';
import { nothingThere } from '../base/cli-error.js';
import type { Look } from '../base/look.js';
import { numberIn, Plot } from './plot.js';
import { isoTime, shortTime } from './shapes.js';
import { given, type StoreAccess } from '../base/store-access.js';

/** Odd, so that one row is the middle. */
const usualHeight = 11;
/** Of a drawing that goes to a file, or to a very wide terminal. */
const widest = 100;
/** What is left of it for the numbers at the side. */
const margin = 16;

export interface Drawing {
  lines: string[];
  /** Values that are no numbers. */
  others: number;
}

export interface DrawingOptions {
  look: Look;
  /** Only ASCII. */
  isPlain: boolean;
  /** Lines, but for those below the drawing. */
  height?: number;
  /** Called after each version. */
  pause: (count: number) => Promise<void>;
}

/**
 * Draws what was valid from one time to another, both included; where they are not given, from the
 * first version or to the last.
 * @throws exit 3 if there is no number among the versions
 */
export async function drawHistory(
  store: StoreAccess,
  key: string,
  bounds: Record<'from' | 'to', number | undefined>,
  { look, isPlain, height = usualHeight, pause }: DrawingOptions,
): Promise<Drawing> {
  const range = given(bounds);
  const first = await firstOf(store, key, range);
  const last = await firstOf(store, key, range, true);
  const from = bounds.from ?? first?.timestamp;
  const to = bounds.to ?? last?.timestamp;
  if (from === undefined || to === undefined)
    throw nothingThere(`${JSON.stringify(key)} has no versions there`);
  const width = Math.max(10, Math.min(look.width, widest) - margin);
  const plot = new Plot({ from, to, width, height, isPlain });
  let others = 0;
  const add = ({ timestamp, value, expiresAt }: Version<Buffer>) => {
    const number = value === undefined ? undefined : numberIn(value);
    if (number === undefined && value !== undefined) others += 1;
    plot.add(Math.max(timestamp, from), number, expiresAt);
  };
  // What was valid already when it begins.
  const held = bounds.from === undefined ? undefined : await store.version(key, from);
  if (held !== undefined && held.timestamp < from) add(held);
  let count = 0;
  for await (const version of store.history(key, range)) {
    add(version);
    await pause(++count);
  }
  if (plot.isEmpty) throw nothingThere(`${JSON.stringify(key)} has no numbers there`);
  return { lines: plot.lines(timeLabel(store.unit, from, to)), others };
}

/** How times are written: with fractions where without them two would look the same. */
function timeLabel(unit: Unit, from: number, to: number): (time: number) => string {
  if (unit === 'tick') return String;
  const isShort = shortTime(from) === shortTime(to) && from !== to;
  return isShort ? (time) => isoTime(time, unit) ?? '' : shortTime;
}

async function firstOf(
  store: StoreAccess,
  key: string,
  range: { from?: number; to?: number },
  reverse = false,
): Promise<Version<Buffer> | undefined> {
  for await (const version of store.history(key, { ...range, limit: 1, reverse })) return version;
  return undefined;
}
