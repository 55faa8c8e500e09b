/** The end of MurmurHash3 for 32 bits (A. Appleby, public domain), after which each bit depends on all. */

/** @returns another number of 32 bits, not negative; of no two the same */
export function mix32(bits: number): number {
  let mixed = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
