/** Every suite against every kind of store. */
import { describe } from 'vitest';
import { makers } from '../support/stores.js';
import type { Suite } from '../support/subject.js';
import { anyOrder } from './any-order.js';
import { batch } from './batch.js';
import { closed } from './closed.js';
import { codecs } from './codecs.js';
import { conflictBump } from './conflict-bump.js';
import { conflictFail } from './conflict-fail.js';
import { dates } from './dates.js';
import { diff } from './diff.js';
import { durable } from './durable.js';
import { erase } from './erase.js';
import { eraseBatch } from './erase-batch.js';
import { eraseLater } from './erase-later.js';
import { expire } from './expire.js';
import { expireLater } from './expire-later.js';
import { expiry } from './expiry.js';
import { getMany } from './get-many.js';
import { history } from './history.js';
import { ifSeq } from './if-seq.js';
import { iterators } from './iterators.js';
import { keyOrder } from './key-order.js';
import { load } from './load.js';
import { maintenance } from './maintenance.js';
import { nowInTicks } from './now-tick.js';
import { nowInMicroseconds } from './now-us.js';
import { refuseKeys } from './refuse-keys.js';
import { refuseOptions } from './refuse-options.js';
import { refuseTimestamps } from './refuse-timestamps.js';
import { refuseValues } from './refuse-values.js';
import { replace } from './replace.js';
import { retention } from './retention.js';
import { scan } from './scan.js';
import { snapshots } from './snapshots.js';
import { timeline } from './timeline.js';
import { tombstones } from './tombstones.js';
import { watch } from './watch.js';
import { when } from './when.js';

const suites: Suite[] = [
  anyOrder,
  replace,
  conflictFail,
  conflictBump,
  nowInMicroseconds,
  nowInTicks,
  batch,
  ifSeq,
  tombstones,
  expiry,
  expire,
  expireLater,
  erase,
  eraseBatch,
  eraseLater,
  retention,
  getMany,
  history,
  timeline,
  scan,
  diff,
  watch,
  when,
  keyOrder,
  load,
  dates,
  codecs,
  iterators,
  maintenance,
  snapshots,
  durable,
  refuseKeys,
  refuseTimestamps,
  refuseValues,
  refuseOptions,
  closed,
];

for (const [name, makeStore] of Object.entries(makers)) {
  describe(`${name}:`, () => {
    for (const suite of suites) suite(makeStore);
  });
}
