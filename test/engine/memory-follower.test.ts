/** Following a `:memory:` store: no file changes there, so the engine itself tells of commits. */
import { afterEach, expect, it, vi } from 'vitest';
import { Kind } from '../../src/base/entry.js';
import type { Write } from '../../src/engine/judge.js';
import { MemoryEngine } from '../../src/engine/memory-engine.js';
import { ManualClock } from '../support/manual-clock.js';

const write: Write = {
  kind: Kind.value,
  key: Buffer.from('k'),
  value: Buffer.from('v'),
  at: undefined,
  ttl: undefined,
  expiresAt: undefined,
  onConflict: 'replace',
  maxBump: 0,
  ifSeq: undefined,
};

afterEach(() => {
  vi.useRealTimers();
});

it('is woken by a commit, and by the end, before any time has passed', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const engine = new MemoryEngine('us', new ManualClock(), false);
  const never = new AbortController().signal;
  const follower = engine.follow(0, () => true);
  for (let seq = 1; seq <= 3; seq++) {
    expect(await follower.next()).toBeUndefined();
    const woken = follower.changed(Infinity, never);
    await engine.commit({ writes: [write], nowPerWrite: false });
    await woken;
    expect([...((await follower.next()) ?? [])].map((entry) => entry.seq)).toEqual([seq]);
  }
  const woken = follower.changed(Infinity, never);
  await engine.close();
  await woken;
  follower.close();
  expect(vi.getTimerCount()).toBe(0);
});
