/** Who is measured, by name: `store`, or `store mode`. */
import { openFloor } from './floor.mjs';
import { openLevel } from './level.mjs';
import { openLmdb } from './lmdb.mjs';
import { openMap } from './map.mjs';
import { openSqlite } from './sqlite.mjs';
import { openTimekv } from './timekv.mjs';

const stores = {
  timekv: openTimekv,
  sqlite: openSqlite,
  lmdb: openLmdb,
  level: openLevel,
  map: openMap,
  floor: openFloor,
};

/** Opens a store in a directory that is there; `memoryMiB` is what it may keep of it. */
export function openSubject(name, directory, { memoryMiB = 64, isDurable = false }) {
  const [store, mode] = name.split(' ');
  return stores[store](directory, { memoryMiB, isDurable, mode });
}
