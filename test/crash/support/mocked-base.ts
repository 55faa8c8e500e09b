/** What harnesses on a simulated disk put in the place of src/base, by `vi.mock`. */

type Original<T> = () => Promise<T>;

/** The zeros ahead are most of what a disk holds here: with fewer of them a state takes half the time. */
export async function fewZeros<T extends object>(original: Original<T>): Promise<T> {
  return { ...(await original()), walFillBytes: 4096 };
}

/** What happens must not depend on how fast it is, or else a seed would not repeat it. */
export async function steadyTime<T extends object>(original: Original<T>): Promise<T> {
  let milliseconds = 0;
  return { ...(await original()), monotonicMs: () => (milliseconds += 0.01) };
}
