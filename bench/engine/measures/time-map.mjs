import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { TimeMap } from '../../../dist/bundle/src/index.js';
import { asOf } from '../subjects/map.mjs';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');
const reads = 200_000;

/** With the calls of `TimeMap`, and values that are strings. */
class PlainMap {
  #histories = new Map();

  set(key, value, at) {
    let history = this.#histories.get(key);
    if (history === undefined) {
      history = { times: [], values: [] };
      this.#histories.set(key, history);
    }
    // In the order of time, as all are written here.
    history.times.push(at);
    history.values.push(value);
  }

  get(key, at) {
    return asOf(this.#histories.get(key), at) ?? '';
  }
}

const numbered = (text, number, digits) => text + String(number).padStart(digits, '0');
const keyOf = (number) => numbered('key/', number, 8);
const valueOf = (number, time) => numbered('value/', number * 31 + time, 14);

/** What each version takes beside its bytes of key and value, and how quick it is. */
export function timeMap({ subject, keys, versions }) {
  // What the code itself takes, and strings that come and go, comes first.
  fill(newMap(subject), 1_000, 10);
  fill({ set: () => undefined }, keys, versions);
  collectGarbage();
  const before = process.memoryUsage.rss();
  const map = newMap(subject);
  const startedAt = performance.now();
  const bytes = fill(map, keys, versions);
  const filledMs = performance.now() - startedAt;
  collectGarbage();
  const rss = process.memoryUsage.rss() - before;
  const count = keys * versions;
  return {
    bytes: (rss - bytes) / count,
    set: (filledMs / count) * 1e6,
    get: readAtRandom(map, keys, versions),
  };
}

function newMap(subject) {
  return subject === 'timekv' ? new TimeMap() : new PlainMap();
}

/** In the order of time; answers how many bytes keys and values have. */
function fill(map, keys, versions) {
  let bytes = 0;
  for (let time = 0; time < versions; time++) {
    for (let number = 0; number < keys; number++) {
      const key = keyOf(number);
      const value = valueOf(number, time);
      map.set(key, value, time);
      bytes += value.length + (time === 0 ? key.length : 0);
    }
  }
  return bytes;
}

/** Nanoseconds each; checks every answer. */
function readAtRandom(map, keys, versions) {
  const wanted = Array.from({ length: reads }, (_, read) => {
    const number = (read * 7_368_787) % keys;
    const time = (read * 31) % versions;
    return [keyOf(number), time, valueOf(number, time)];
  });
  let took = 0;
  for (let turn = 0; turn < 2; turn++) {
    const startedAt = performance.now();
    for (const [key, time, value] of wanted) {
      if (map.get(key, time) !== value) throw new Error(`another value of ${key} at ${time}`);
    }
    took = performance.now() - startedAt;
  }
  return (took / reads) * 1e6;
}
