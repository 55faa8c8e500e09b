/** What the server needs of a store: it is open in this process, and reads at once. */
import type { Store } from '../index.js';

export type ServedStore = Pick<
  Store<Buffer>,
  | 'unit'
  | 'now'
  | 'version'
  | 'history'
  | 'scan'
  | 'keys'
  | 'diff'
  | 'watch'
  | 'when'
  | 'commit'
  | 'stats'
>;
