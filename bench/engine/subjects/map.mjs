function placeAfter(times, at) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The value in sorted arrays as of a time. */
export const asOf = ({ times, values }, at) => values[placeAfter(times, at) - 1];

/** What JavaScript itself offers: a Map from key to sorted arrays, gone with the process. */
export function openMap() {
  const histories = new Map();
  return {
    load(rows) {
      for (const { key, at, value } of rows) {
        let history = histories.get(key);
        if (history === undefined) {
          history = { times: [], values: [] };
          histories.set(key, history);
        }
        const { times, values } = history;
        const own = Buffer.from(value);
        if (times.length === 0 || times[times.length - 1] < at) {
          times.push(at);
          values.push(own);
        } else {
          const place = placeAfter(times, at);
          times.splice(place, 0, at);
          values.splice(place, 0, own);
        }
      }
    },
    get: (key, at) => {
      const history = histories.get(key);
      return history && asOf(history, at);
    },
    history: (key) => {
      const { times, values } = histories.get(key);
      return times.map((at, i) => [at, values[i]]);
    },
    /** Its keys have no order: they are sorted first. */
    scan: (at) => {
      const found = [];
      for (const key of [...histories.keys()].sort((a, b) => (a < b ? -1 : 1))) {
        const value = asOf(histories.get(key), at);
        if (value !== undefined) found.push([key, value]);
      }
      return found;
    },
    close() {},
  };
}
