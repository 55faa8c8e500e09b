/**
 * Sorts many entries at once, several times as fast as by comparing them: by the next few bytes of
 * their keys, which together with an entry's number are one float64, so that V8 sorts plain numbers.
 * What is alike so far is sorted by the bytes behind (MSD radix sort with wide digits).
 */

/** Entries by number; the keys' bytes decide, then their versions. */
export interface Ordered {
  keyLength(node: number): number;
  keyByte(node: number, index: number): number;
  compareNodes(a: number, b: number): number;
  compareVersions(a: number, b: number): number;
}

/** A byte, or (as the least) none, since the key has ended. */
const digits = 257;
/** Of a whole number in a float64. */
const numberBits = 53;
/** So few are sorted by comparing them. */
const fewNodes = 16;
/** Between two looks at the clock. */
const groupsPerTurn = 64;

/** Sorts the nodes in place; yields where others may have a turn. */
export function* sortNodes(nodes: Uint32Array, of: Ordered, from = 0): Generator<undefined> {
  if (nodes.length <= fewNodes) {
    insertionSort(nodes, of);
    return;
  }
  const shared = sharedBytes(nodes, of, from);
  if (shared === undefined) {
    nodes.sort((a, b) => of.compareVersions(a, b));
    return;
  }
  const numbers = 2 ** Math.ceil(Math.log2(nodes.length));
  const width = Math.floor(Math.log2(2 ** numberBits / numbers) / Math.log2(digits));
  const places = placesOf(nodes, of, { from: shared, width, numbers });
  yield;
  places.sort();
  yield;
  const before = nodes.slice();
  for (let at = 0; at < nodes.length; at++) {
    nodes[at] = before[(places[at] ?? 0) % numbers] ?? 0;
  }
  let groups = 0;
  for (let start = 0, end = 0; start < nodes.length; start = end) {
    const prefix = Math.floor((places[start] ?? 0) / numbers);
    for (end = start + 1; end < nodes.length; end++) {
      if (Math.floor((places[end] ?? 0) / numbers) !== prefix) break;
    }
    if (++groups % groupsPerTurn === 0) yield;
    if (end - start > fewNodes) yield* sortNodes(nodes.subarray(start, end), of, shared + width);
    else if (end - start > 1) insertionSort(nodes.subarray(start, end), of);
  }
}

function insertionSort(nodes: Uint32Array, of: Ordered): void {
  for (let at = 1; at < nodes.length; at++) {
    const node = nodes[at] ?? 0;
    let place = at;
    for (; place > 0; place--) {
      const before = nodes[place - 1] ?? 0;
      if (of.compareNodes(before, node) <= 0) break;
      nodes[place] = before;
    }
    nodes[place] = node;
  }
}

/** How many bytes all the keys begin with alike, `from` of them known; undefined if they are the same. */
function sharedBytes(nodes: Uint32Array, of: Ordered, from: number): number | undefined {
  const first = nodes[0] ?? 0;
  const length = of.keyLength(first);
  let shared = length;
  let areSame = true;
  for (const node of nodes) {
    const end = Math.min(shared, of.keyLength(node));
    let at = Math.min(from, end);
    while (at < end && of.keyByte(node, at) === of.keyByte(first, at)) at++;
    shared = at;
    areSame &&= shared === length && of.keyLength(node) === length;
  }
  return areSame ? undefined : shared;
}

/** For each node a number: the next `width` bytes of its key, and behind them its place in `nodes`. */
function placesOf(
  nodes: Uint32Array,
  of: Ordered,
  { from, width, numbers }: { from: number; width: number; numbers: number },
): Float64Array {
  const places = new Float64Array(nodes.length);
  for (let at = 0; at < nodes.length; at++) {
    const node = nodes[at] ?? 0;
    const length = of.keyLength(node);
    let prefix = 0;
    for (let index = from; index < from + width; index++) {
      prefix = prefix * digits + (index < length ? of.keyByte(node, index) + 1 : 0);
    }
    places[at] = prefix * numbers + at;
  }
  return places;
}
