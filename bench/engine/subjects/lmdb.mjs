/** lmdb-js: keys are arrays of key and timestamp, values are bytes. */
import { join } from 'node:path';
import { peersRequire } from '../../support/peers.mjs';

const putsPerTransaction = 20_000;

export function openLmdb(directory, { isDurable }) {
  const { open } = peersRequire('lmdb');
  const path = join(directory, 'db');
  const db = open({ path, encoding: 'binary', noSync: !isDurable, mapSize: 2 ** 36 });
  return {
    load(rows) {
      const iterator = rows[Symbol.iterator]();
      let next = iterator.next();
      while (!next.done) {
        db.transactionSync(() => {
          for (let i = 0; i < putsPerTransaction && !next.done; i++) {
            const { key, at, value } = next.value;
            db.putSync([key, at], value);
            next = iterator.next();
          }
        });
      }
      return db.flushed;
    },
    set: async (key, value, at) => {
      await db.put([key, at], value);
      await db.flushed;
    },
    get: (key, at) => {
      const range = { start: [key, at], end: [key, 0], reverse: true, limit: 1 };
      for (const { value } of db.getRange(range)) return value;
      return undefined;
    },
    history(key) {
      const found = [];
      for (const entry of db.getRange({ start: [key], end: [key, Infinity] })) {
        found.push([entry.key[1], entry.value]);
      }
      return found;
    },
    /** From key to key: each is looked for behind the last version of the one before. */
    scan(at) {
      const found = [];
      let start = [''];
      for (;;) {
        const [first] = db.getKeys({ start, limit: 1 });
        if (first === undefined) return found;
        const [key] = first;
        const value = this.get(key, at);
        if (value !== undefined) found.push([key, value]);
        start = [key, Infinity];
      }
    },
    close: () => db.close(),
  };
}
