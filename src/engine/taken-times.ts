/**
 * Timestamps that are known to be taken. Runs of them are passed over at once: each leads to one
 * behind it, up to which all are taken (a union-find forest; R. E. Tarjan, "Efficiency of a good but
 * not linear set union algorithm", 1975).
 */
export class TakenTimes {
  /** Made when there is something to keep: there are two of these for each key of a batch. */
  #next: Map<number, number> | undefined;

  add(timestamp: number): void {
    this.addRange(timestamp, timestamp + 1);
  }

  /** All from `from` on are taken up to `end`, which is excluded. */
  addRange(from: number, end: number): void {
    if (end <= from) return;
    this.#next ??= new Map();
    if (end > (this.#next.get(from) ?? from)) this.#next.set(from, end);
  }

  /** The first timestamp from `from` on of which nothing is known. */
  firstFree(from: number): number {
    const links = this.#next;
    if (links === undefined) return from;
    let free = from;
    for (let next = links.get(free); next !== undefined; next = links.get(free)) free = next;
    // The next search from any of those passed over comes here in one step.
    for (let at = from; at !== free;) {
      const next = links.get(at) ?? free;
      links.set(at, free);
      at = next;
    }
    return free;
  }
}
