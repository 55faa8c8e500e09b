/** The size to grow to from one, by doubling, so that so much fits. */
export function growing(size: number, needed: number): number {
  let grown = size;
  while (grown < needed) grown *= 2;
  return grown;
}
