import { TimekvError } from '../../src/index.js';

/** The same question to both: the same answer, or refused by both with the same code. */
export async function outcome(action: () => unknown): Promise<unknown> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof TimekvError) return `refused: ${error.code}`;
    throw error;
  }
}
