/** When a process that lives on looks after what is due, and how often. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { upkeepAgainMs, upkeepDelayMs } from '../../src/base/limits.js';
import { IdleUpkeep } from '../../src/engine/idle-upkeep.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** @param answers of each attempt, one after the other; then it is done */
function upkeepOf(answers: (boolean | Error)[]) {
  const state = { isDue: true, works: 0 };
  const upkeep = new IdleUpkeep(
    () => state.isDue,
    () => {
      state.works += 1;
      const answer = answers.shift() ?? true;
      if (answer === true) state.isDue = false;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  );
  return { upkeep, state };
}

describe('upkeep of an idle process', () => {
  it('is done once, a while after it was noticed', async () => {
    const { upkeep, state } = upkeepOf([]);
    for (let i = 0; i < 10; i++) upkeep.notice();
    await vi.advanceTimersByTimeAsync(upkeepDelayMs - 1);
    expect(state.works).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(state.works).toBe(1);
    upkeep.notice();
    expect(vi.getTimerCount()).toBe(0);
    state.isDue = true;
    upkeep.notice();
    await vi.advanceTimersByTimeAsync(upkeepDelayMs);
    expect(state.works).toBe(2);
  });

  it('sets no timer where nothing is due, or the store is being closed', async () => {
    const { upkeep, state } = upkeepOf([]);
    state.isDue = false;
    upkeep.notice();
    expect(vi.getTimerCount()).toBe(0);
    state.isDue = true;
    upkeep.notice();
    upkeep.end();
    upkeep.notice();
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(10 * upkeepAgainMs);
    expect(state.works).toBe(0);
  });

  it('waits longer and longer while others are at it, or it fails', async () => {
    const { upkeep, state } = upkeepOf([false, new Error('the disk is full'), false]);
    upkeep.notice();
    await vi.advanceTimersByTimeAsync(upkeepDelayMs);
    for (let i = 0; i < 10; i++) upkeep.notice();
    expect(state.works).toBe(1);
    const waits = [1, 2, 4].map((times) => times * upkeepAgainMs);
    for (const [at, wait] of waits.entries()) {
      await vi.advanceTimersByTimeAsync(wait - 1);
      expect(state.works).toBe(at + 1);
      await vi.advanceTimersByTimeAsync(1);
      expect(state.works).toBe(at + 2);
    }
    expect(vi.getTimerCount()).toBe(0);
  });
});
