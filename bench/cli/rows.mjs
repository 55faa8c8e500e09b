/**
 * The versions that everything here works on: prices of many keys, written as they come, each round
 * of the keys in the same scattered order. All of it follows from a number, so that every answer can
 * be checked.
 */
import { closeSync, openSync, writeSync } from 'node:fs';

const startsAt = 1_700_000_000_000_000;
const stepUs = 1000;
/** Prime to every number of keys used here. */
const scatter = 7919;

/** `versions` rows of `keys` keys; the first must be a multiple of the second. */
export class Prices {
  constructor(versions, keys) {
    this.versions = versions;
    this.keys = keys;
  }

  key(row) {
    return keyName((row * scatter) % this.keys);
  }

  time(row) {
    return startsAt + row * stepUs;
  }

  value(row) {
    return (((row * 104_729) % 100_000) / 100).toFixed(2);
  }

  /** A key that is there, another for each number. */
  anyKey(number) {
    return this.key((number * 104_729) % this.keys);
  }

  /** What a read of `anyKey(number)` finds now. */
  latestOf(number) {
    return this.value(this.versions - this.keys + ((number * 104_729) % this.keys));
  }

  csvLines() {
    return csvOf('key,timestamp,value', this.versions, (row) => [
      this.key(row),
      this.time(row),
      this.value(row),
    ]);
  }

  /**
   * Rows that ask what there was: any key, any time from before the first version to after the last;
   * one key in a hundred is not there.
   */
  questionLines(count) {
    const span = this.versions * stepUs;
    return csvOf('id,key,timestamp', count, (id) => {
      const at =
        startsAt - span / 20 + Math.floor((((id * 7_368_787) % count) / count) * 1.1 * span);
      const number = (id * 15_485_863) % this.keys;
      return [id, id % 100 === 99 ? `none/${number}` : keyName(number), at];
    });
  }
}

function keyName(number) {
  return `key/${String(number).padStart(8, '0')}`;
}

function* csvOf(header, count, cells) {
  yield header;
  for (let row = 0; row < count; row++) yield cells(row).join(',');
}

/** Writes lines to a file, and answers its path. */
export function writeLines(path, lines) {
  const file = openSync(path, 'w');
  let text = '';
  for (const line of lines) {
    text += `${line}\n`;
    if (text.length < 1_000_000) continue;
    writeSync(file, text);
    text = '';
  }
  writeSync(file, text);
  closeSync(file);
  return path;
}

export function* numbered(count, line) {
  for (let number = 0; number < count; number++) yield line(number);
}

/** Lines by their characters. */
export function inOrder(lines) {
  return lines.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
