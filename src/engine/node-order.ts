/**
 * Sorts many entries at once, many times as fast as by comparing them: the next bytes of their keys
 * and an entry's number together are one float64, so that V8 sorts plain numbers. At each place of the
 * keys only the bytes that occur there count, so that one number mostly holds all that tells the keys
 * apart (eight decimal digits take 27 bits). What is alike so far is sorted by the bytes behind.
 */

/** Entries by number; the keys' bytes decide, then their versions. */
export interface Ordered {
  /** What the key of an entry lies in. */
  keyMemory(node: number): Uint8Array;
  keyStart(node: number): number;
  keyLength(node: number): number;
  compareNodes(a: number, b: number): number;
  compareVersions(a: number, b: number): number;
}

/** Of a whole number in a float64. */
const numberBits = 53;
/** So many places of the keys are looked at together. */
const placesMax = 32;
/** So few are sorted by comparing them. */
const fewNodes = 16;
/** Between two looks at the clock. */
const groupsPerTurn = 64;

/** Sorts the nodes in place; yields where others may have a turn. */
export function* sortNodes(nodes: Uint32Array, of: Ordered, from = 0): Generator<undefined> {
  if (nodes.length <= fewNodes) {
    insertionSort(nodes, (a, b) => of.compareNodes(a, b));
    return;
  }
  const digits = new Digits(nodes, of, from);
  if (digits.areSame) {
    nodes.sort((a, b) => of.compareVersions(a, b));
    return;
  }
  const { numbers } = digits;
  const places = digits.places();
  yield;
  places.sort();
  yield;
  const before = nodes.slice();
  for (let at = 0; at < nodes.length; at++) {
    nodes[at] = before[numbers - 1 - ((places[at] as number) % numbers)] as number;
  }
  // Where the numbers hold whole keys, what is alike are versions of one.
  const compare = digits.areWhole
    ? (a: number, b: number) => of.compareVersions(a, b)
    : (a: number, b: number) => of.compareNodes(a, b);
  let groups = 0;
  for (let start = 0, end = 0; start < nodes.length; start = end) {
    const prefix = Math.floor((places[start] as number) / numbers);
    for (end = start + 1; end < nodes.length; end++) {
      if (Math.floor((places[end] as number) / numbers) !== prefix) break;
    }
    if (end - start === 1) continue;
    if (++groups % groupsPerTurn === 0) yield;
    const group = nodes.subarray(start, end);
    if (end - start <= fewNodes) insertionSort(group, compare);
    else if (digits.areWhole) group.sort(compare);
    else yield* sortNodes(group, of, digits.end);
  }
}

function insertionSort(nodes: Uint32Array, compare: (a: number, b: number) => number): void {
  for (let at = 1; at < nodes.length; at++) {
    const node = nodes[at] as number;
    let place = at;
    for (; place > 0; place--) {
      const before = nodes[place - 1] as number;
      if (compare(before, node) <= 0) break;
      nodes[place] = before;
    }
    nodes[place] = node;
  }
}

/** The bytes of keys from a place on, of which as many as fit are made numbers. */
class Digits {
  readonly #nodes: Uint32Array;
  readonly #of: Ordered;
  readonly #from: number;
  /** By place: the least of what occurs there, and the greatest. 0: the key has ended; else a byte and 1. */
  readonly #least = new Uint16Array(placesMax).fill(0x1_00);
  readonly #greatest = new Uint16Array(placesMax);
  /** Behind the last place that the numbers hold. */
  readonly end: number;
  /** True if all keys are the same. */
  readonly areSame: boolean;
  /** True if the numbers hold the keys to their ends. */
  readonly areWhole: boolean;
  /** A power of two: that of an entry in `nodes` is less. */
  readonly numbers: number;

  constructor(nodes: Uint32Array, of: Ordered, from: number) {
    this.#nodes = nodes;
    this.#of = of;
    this.#from = from;
    this.numbers = 2 ** Math.ceil(Math.log2(nodes.length));
    const longest = this.#look();
    let room = 2 ** numberBits / this.numbers;
    let places = 0;
    let areSame = true;
    for (; places < placesMax && from + places < longest; places++) {
      const size = this.#sizeAt(places);
      if (room < size) break;
      room /= size;
      areSame &&= size === 1;
    }
    this.end = from + places;
    this.areWhole = this.end >= longest;
    this.areSame = areSame && this.areWhole;
  }

  /** For each node the digits of its key, and behind them its number, of which a later one is less. */
  places(): Float64Array {
    const nodes = this.#nodes;
    const of = this.#of;
    const from = this.#from;
    const count = this.end - from;
    const places = new Float64Array(nodes.length);
    for (let at = 0; at < nodes.length; at++) {
      const node = nodes[at] as number;
      const memory = of.keyMemory(node);
      const start = of.keyStart(node) + from;
      const length = of.keyLength(node) - from;
      let prefix = 0;
      for (let place = 0; place < count; place++) {
        const digit = place < length ? (memory[start + place] as number) + 1 : 0;
        prefix = prefix * this.#sizeAt(place) + digit - (this.#least[place] as number);
      }
      // Mostly a later version comes before an earlier one.
      places[at] = prefix * this.numbers + (this.numbers - 1 - at);
    }
    return places;
  }

  #sizeAt(place: number): number {
    return (this.#greatest[place] as number) - (this.#least[place] as number) + 1;
  }

  /** Fills `#least` and `#greatest`; answers how long the longest key is. */
  #look(): number {
    const of = this.#of;
    const from = this.#from;
    const least = this.#least;
    const greatest = this.#greatest;
    let longest = 0;
    for (const node of this.#nodes) {
      const memory = of.keyMemory(node);
      const start = of.keyStart(node) + from;
      const length = of.keyLength(node);
      if (length > longest) longest = length;
      const end = Math.min(placesMax, length - from);
      for (let place = 0; place < end; place++) {
        const digit = (memory[start + place] as number) + 1;
        if (digit < (least[place] as number)) least[place] = digit;
        if (digit > (greatest[place] as number)) greatest[place] = digit;
      }
      // It is enough to note that one has ended: who is shorter has ended at all places behind too.
      if (end < placesMax) least[Math.max(0, end)] = 0;
    }
    for (let place = 1; place < placesMax; place++) {
      if (least[place - 1] === 0) least[place] = 0;
    }
    return longest;
  }
}
