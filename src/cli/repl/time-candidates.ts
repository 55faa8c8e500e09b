/** Times to choose from where one is to be typed. */
import type { StoreAccess } from '../base/store-access.js';
import { writtenTime } from '../time/time-context.js';
import type { TimeContext } from '../time/time-expression.js';

const versionsMax = 5;
const clockWords = ['now', 'today', 'yesterday', 'tomorrow'];
const relative = ['-1h', '-1d', '-7d'];

/** The times of the key's newest versions, and by the clock where the store has one. */
export async function timeCandidates(
  store: StoreAccess,
  key: string | undefined,
  times: TimeContext,
): Promise<string[]> {
  const written: string[] = [];
  if (key !== undefined && key !== '') {
    const newest = store.history(key, { reverse: true, limit: versionsMax });
    for await (const { timestamp } of newest) {
      written.push(await writtenTime(timestamp, times, 'T'));
    }
  }
  return times.unit === 'tick' ? written : [...clockWords, ...relative, ...written];
}
