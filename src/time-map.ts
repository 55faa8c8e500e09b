/**
 * The in-memory structure alone: strings by key and time, no disk, no promises. For one's own
 * algorithms and tests; a store has everything else.
 */
export class TimeMap {
  readonly #histories = new Map<string, { timestamps: number[]; values: string[] }>();

  /**
   * Writes a value at a time; in any order of times. The same key and time again replaces.
   * @param timestamp any finite number
   */
  set(key: string, value: string, timestamp: number): void {
    let history = this.#histories.get(key);
    if (history === undefined) {
      history = { timestamps: [], values: [] };
      this.#histories.set(key, history);
    }
    const { timestamps, values } = history;
    const after = countUpTo(timestamps, timestamp);
    if (after > 0 && timestamps[after - 1] === timestamp) {
      values[after - 1] = value;
    } else if (after === timestamps.length) {
      timestamps.push(timestamp);
      values.push(value);
    } else {
      timestamps.splice(after, 0, timestamp);
      values.splice(after, 0, value);
    }
  }

  /** The value with the largest timestamp ≤ the given one; `''` if there is none. */
  get(key: string, timestamp: number): string {
    const history = this.#histories.get(key);
    if (history === undefined) return '';
    return history.values[countUpTo(history.timestamps, timestamp) - 1] ?? '';
  }
}

/** How many of the ascending numbers are at most `limit`. */
function countUpTo(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? Infinity) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
