/**
 * Collections of values by time, all with the same calls: ours, and plain implementations of three
 * classic designs. A range, from one time to another and both included, is something to go through,
 * of entries with their times.
 */
import { MemoryTimeline } from '../../../dist/bundle/src/index.js';

class Ours {
  #timeline = new MemoryTimeline();

  add(time, value) {
    this.#timeline.add(time, value);
  }

  earliest() {
    return this.#timeline.earliest().value;
  }

  at(time) {
    return this.#timeline.at(time)?.value;
  }

  range(from, to) {
    return this.#timeline.range(from, to);
  }
}

/** A dictionary, whose keys are sorted when somebody asks for an order. */
class SortedOnDemand {
  #values = new Map();
  #sorted = undefined;

  add(time, value) {
    if (this.#values.has(time)) throw new Error(`${time} is taken`);
    this.#values.set(time, value);
    this.#sorted = undefined;
  }

  earliest() {
    return this.#values.get(this.#times()[0]);
  }

  at(time) {
    return this.#values.get(time);
  }

  range(from, to) {
    const times = this.#times();
    const found = [];
    for (let index = lowerBound(times, from); times[index] <= to; index++) {
      const timestamp = times[index];
      found.push({ timestamp, value: this.#values.get(timestamp) });
    }
    return found;
  }

  #times() {
    return (this.#sorted ??= Float64Array.from(this.#values.keys()).sort());
  }
}

/** A binary heap of the times, beside a dictionary. */
class HeapAndDictionary {
  isSlowInRanges = true;
  #values = new Map();
  #heap = [];

  add(time, value) {
    if (this.#values.has(time)) throw new Error(`${time} is taken`);
    this.#values.set(time, value);
    const heap = this.#heap;
    let index = heap.length;
    heap.push(time);
    while (index > 0) {
      const parent = (index - 1) >>> 1;
      if (heap[parent] <= time) break;
      heap[index] = heap[parent];
      index = parent;
    }
    heap[index] = time;
  }

  earliest() {
    return this.#values.get(this.#heap[0]);
  }

  at(time) {
    return this.#values.get(time);
  }

  /** A heap knows which is the first alone: the rest is looked for, and sorted. */
  range(from, to) {
    const times = this.#heap.filter((time) => time >= from && time <= to).sort((a, b) => a - b);
    return times.map((timestamp) => ({ timestamp, value: this.#values.get(timestamp) }));
  }
}

class SortedTree {
  hasPairs = true;
  #tree;

  constructor(BTree) {
    this.#tree = new BTree();
  }

  add(time, value) {
    if (!this.#tree.set(time, value, false)) throw new Error(`${time} is taken`);
  }

  earliest() {
    return this.#tree.get(this.#tree.minKey());
  }

  at(time) {
    return this.#tree.get(time);
  }

  /** As it answers by itself: pairs. */
  range(from, to) {
    return this.#tree.getRange(from, to, true);
  }
}

function lowerBound(times, time) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** An empty one. */
export async function newTimeline(subject) {
  if (subject === 'timekv') return new Ours();
  if (subject === 'dictionary') return new SortedOnDemand();
  if (subject === 'heap') return new HeapAndDictionary();
  const { default: module } = await import('sorted-btree');
  return new SortedTree(module.default ?? module);
}
