/**
 * What the harnesses below test/crash share: how much to do, from which seed, and how to tell it.
 *
 *   npm run test:crash                                  all of them, as much as CI does
 *   npm run test:crash -- flip                          one of them
 *   TIMEKV_SEED=1 npm run test:crash -- flip            the run of one seed again
 *   TIMEKV_AMOUNT=0.1 npm run test:crash -- flip        a tenth of it
 *   npm run test:long                                   all of them, for hours
 */
import { say } from './say.js';

/** True for `npm run test:long`. */
export const isLong = process.env['TIMEKV_LONG'] === '1';
const share = Number(process.env['TIMEKV_AMOUNT'] ?? 1);

/** How many: of what CI does, or of what `npm run test:long` does; at least one. */
export function amount(inCi: number, inLong: number): number {
  return Math.max(1, Math.round((isLong ? inLong : inCi) * share));
}

/** True if everything is run, so that the counts that were promised must be reached. */
export const isWhole = share >= 1;

const asked = process.env['TIMEKV_SEED'];

/** What all random numbers of a harness come from: TIMEKV_SEED, or a new one each time. */
export const harnessSeed =
  asked === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(asked);

/**
 * Prints what a harness has done, on one line.
 * @param name in capitals, as in docs/reliability.md
 * @param counts by what was counted, in plain words
 * @param startedAt `performance.now()` when it began
 */
export function report(
  name: string,
  counts: Readonly<Record<string, number | string>>,
  startedAt: number,
): void {
  const told = Object.entries(counts).map(([what, count]) =>
    typeof count === 'number' ? `${count.toLocaleString('en-US')} ${what}` : `${what} ${count}`,
  );
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  say(`${name}: ${told.join(', ')}; seed ${harnessSeed}, ${seconds} s`);
}

/**
 * The line that repeats a failure.
 * @param harness the name of its file, without `.test.ts`
 * @param more further variables that lead straight to the case
 */
export function replayLine(harness: string, more: Readonly<Record<string, string>> = {}): string {
  const variables: Record<string, string> = { TIMEKV_SEED: String(harnessSeed) };
  for (const name of ['TIMEKV_LONG', 'TIMEKV_AMOUNT']) {
    const given = process.env[name];
    if (given !== undefined) variables[name] = given;
  }
  const set = Object.entries({ ...variables, ...more }).map(
    ([name, value]) => `${name}='${value}'`,
  );
  return `replay: ${set.join(' ')} npm run test:crash -- ${harness}.test`;
}
