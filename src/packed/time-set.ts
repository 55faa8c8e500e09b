/**
 * Numbers, each with the place where it was put: a hash table with open addressing and linear probing
 * (D. Knuth, "The Art of Computer Programming" 3, 6.4, algorithms L and R) in typed arrays, of which
 * a lookup mostly touches one line of memory.
 */

const firstSlots = 64;
const quickSlots = 2 ** 15;
/** A finite number, as the two words of 32 bits that it is made of. */
const asNumber = new Float64Array(1);
const asWords = new Uint32Array(asNumber.buffer);

export class TimeSet {
  /** NaN: empty. The number of slots is a power of two. */
  #times = new Float64Array(firstSlots).fill(NaN);
  #places = new Uint32Array(firstSlots);
  /** What is left of a hash of 32 bits. */
  #shift = 32 - Math.log2(firstSlots);
  #size = 0;

  /** @returns false if it is there already: nothing was changed */
  add(time: number, place: number): boolean {
    const slot = this.#slotOf(time);
    if (this.#times[slot] === time) return false;
    this.#times[slot] = time;
    this.#places[slot] = place;
    if (++this.#size * 4 > this.#times.length * 3) this.#grow();
    return true;
  }

  /** Of a time that is there. */
  placeOf(time: number): number {
    return this.#places[this.#slotOf(time)] as number;
  }

  /** What comes behind it in a row of slots moves up, so that none is empty before what is there. */
  delete(time: number): void {
    const times = this.#times;
    const last = times.length - 1;
    let empty = this.#slotOf(time);
    if (times[empty] !== time) return;
    for (let slot = (empty + 1) & last; ; slot = (slot + 1) & last) {
      const there = times[slot] as number;
      if (Number.isNaN(there)) break;
      const wanted = this.#firstSlotOf(there);
      if (((slot - wanted) & last) < ((slot - empty) & last)) continue;
      times[empty] = there;
      this.#places[empty] = this.#places[slot] as number;
      empty = slot;
    }
    times[empty] = NaN;
    this.#size--;
  }

  /** The slot of the time, or the empty one that it would get. */
  #slotOf(time: number): number {
    const times = this.#times;
    const last = times.length - 1;
    let slot = this.#firstSlotOf(time);
    for (;;) {
      const there = times[slot] as number;
      if (there === time || Number.isNaN(there)) return slot;
      slot = (slot + 1) & last;
    }
  }

  /** By multiplication (Knuth, 6.4): the upper bits count. */
  #firstSlotOf(time: number): number {
    asNumber[0] = time + 0; // Of 0 and −0, which are the same, the bits are not.
    const mixed = Math.imul(asWords[1] as number, 0x85ebca6b) ^ (asWords[0] as number);
    return (Math.imul(mixed ^ (mixed >>> 15), 0x9e3779b1) >>> this.#shift) | 0;
  }

  #grow(): void {
    const [times, places] = [this.#times, this.#places];
    // While it is small, by more: each growth puts all into new slots.
    const by = times.length < quickSlots ? 3 : 1;
    this.#times = new Float64Array(times.length << by).fill(NaN);
    this.#places = new Uint32Array(times.length << by);
    this.#shift -= by;
    for (let from = 0; from < times.length; from++) {
      const time = times[from] as number;
      if (Number.isNaN(time)) continue;
      const slot = this.#slotOf(time);
      this.#times[slot] = time;
      this.#places[slot] = places[from] as number;
    }
  }
}
