/** What a written time is read by: the store's unit and *now*, and the zone of local times. */
import type { StoreAccess } from '../base/store-access.js';
import type { TimeContext } from './time-expression.js';
import { localZone } from './time-zone.js';

/** @param zone the zone that was asked for, if any */
export function timeContext(
  store: StoreAccess,
  zone: string | undefined,
  environment: NodeJS.ProcessEnv,
): TimeContext {
  let known: string | undefined;
  return {
    unit: store.unit,
    now: () => store.now(),
    // Most times need none, and to ask the system for it costs 6 MiB of ICU's data.
    get zone() {
      return (known ??= localZone(zone, environment));
    },
  };
}

/**
 * A timestamp as one could write it: the local date, and the time of day unless that is midnight.
 * @param separator stands between the two
 */
export async function writtenTime(
  timestamp: number,
  context: TimeContext,
  separator: ' ' | 'T' = ' ',
): Promise<string> {
  if (context.unit === 'tick') return String(timestamp);
  const { localText } = await import('./local-time.js');
  return localText(timestamp, context.zone, separator);
}
