import { expect } from 'vitest';
import { type ErrorCode, TimekvError } from '../../src/base/errors.js';

/**
 * The error with which an action is refused, whether it throws or rejects.
 * Fails if it is not refused, or by something else than a TimekvError of this code in one line.
 */
export async function expectRefusal(code: ErrorCode, action: () => unknown): Promise<TimekvError> {
  let thrown: unknown;
  try {
    const answer: unknown = await action();
    thrown = new Error(`expected ${code}, but the answer was ${JSON.stringify(answer)}`);
  } catch (error) {
    thrown = error;
  }
  if (!(thrown instanceof TimekvError)) throw thrown;
  expect(`${thrown.code} ${thrown.message}`).toMatch(new RegExp(`^${code} [^\n]+$`));
  return thrown;
}
