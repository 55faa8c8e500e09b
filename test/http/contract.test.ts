/** The contract's suites, asked through HTTP: the server is a process of its own. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { anyOrder } from '../contract/any-order.js';
import { batch } from '../contract/batch.js';
import { codecs } from '../contract/codecs.js';
import { conflictBump } from '../contract/conflict-bump.js';
import { conflictFail } from '../contract/conflict-fail.js';
import { dates } from '../contract/dates.js';
import { diff } from '../contract/diff.js';
import { erase } from '../contract/erase.js';
import { eraseBatch } from '../contract/erase-batch.js';
import { eraseLater } from '../contract/erase-later.js';
import { expire } from '../contract/expire.js';
import { expireLater } from '../contract/expire-later.js';
import { expiry } from '../contract/expiry.js';
import { getMany } from '../contract/get-many.js';
import { history } from '../contract/history.js';
import { ifSeq } from '../contract/if-seq.js';
import { iterators } from '../contract/iterators.js';
import { keyOrder } from '../contract/key-order.js';
import { nowInTicks } from '../contract/now-tick.js';
import { nowInMicroseconds } from '../contract/now-us.js';
import { refuseKeys } from '../contract/refuse-keys.js';
import { refuseOptions } from '../contract/refuse-options.js';
import { refuseTimestamps } from '../contract/refuse-timestamps.js';
import { refuseValues } from '../contract/refuse-values.js';
import { replace } from '../contract/replace.js';
import { retention } from '../contract/retention.js';
import { scan } from '../contract/scan.js';
import { snapshots } from '../contract/snapshots.js';
import { tombstones } from '../contract/tombstones.js';
import { watch } from '../contract/watch.js';
import { when } from '../contract/when.js';
import type { MakeStore, Subject, SubjectOptions, Suite } from '../support/subject.js';
import { removeDirectory, temporaryDirectory } from '../support/temporary-directory.js';
import type { HttpStore } from './support/http-store.js';
import { ServedStores } from './support/served-stores.js';

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
  scan,
  diff,
  watch,
  when,
  keyOrder,
  dates,
  codecs,
  iterators,
  snapshots,
  refuseKeys,
  refuseTimestamps,
  refuseValues,
  refuseOptions,
];

let served: ServedStores;
const opened: { store: HttpStore<never>; directory: string }[] = [];

beforeAll(async () => {
  served = await ServedStores.start();
});

afterEach(async () => {
  for (const { store, directory } of opened.splice(0)) {
    await store.close();
    removeDirectory(directory);
  }
});

afterAll(async () => {
  await served.end();
});

async function make<V>(options: SubjectOptions<V> = {}): Promise<Subject<V>> {
  const directory = temporaryDirectory();
  const store = await served.open<V>(join(directory, 'data'), options);
  opened.push({ store: store as unknown as HttpStore<never>, directory });
  return Object.assign(store, { reopen: () => Promise.resolve() });
}

const makeStore: MakeStore = Object.assign(make, {
  kind: 'http' as const,
  reopens: false,
  disturbs: false,
  keepsLog: true,
});

describe('through HTTP:', () => {
  for (const suite of suites) suite(makeStore);
});
