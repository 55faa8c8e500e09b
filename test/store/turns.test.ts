/** Writes that are synced at once must not keep everybody else waiting. */
import { expect, test } from 'vitest';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

test('a writer that awaits each of its writes leaves timers their turn', async () => {
  const store = await openAs<string>(temporaryDirectory());
  await store.set('k', 'first', 0);
  const turns: number[] = [];
  const timer = setInterval(() => turns.push(Date.now()), 1);
  const giveUpAt = Date.now() + 5_000;
  let writes = 0;
  while (turns.length < 3 && Date.now() < giveUpAt) await store.set('k', 'v', ++writes);
  clearInterval(timer);
  await store.close();
  expect(turns).toHaveLength(3);
});
