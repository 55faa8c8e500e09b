/** timekv, as a program embeds it. */
import { open } from '../../../dist/bundle/src/index.js';

export async function openTimekv(directory, { memoryMiB, mode }) {
  const store = await open(directory, { codec: 'bytes', memory: memoryMiB * 2 ** 20 });
  const get = (key, at) => store.get(key, at);
  return {
    load: (rows) => store.load(rows),
    settle: () => store.compact({ full: true, compress: 'off' }),
    set: (key, value, at) => store.set(key, value, at),
    get:
      mode === 'refresh'
        ? (key, at) => {
            store.refresh();
            return store.get(key, at);
          }
        : get,
    history(key) {
      const found = [];
      for (const { timestamp, value } of store.history(key)) found.push([timestamp, value]);
      return found;
    },
    scan(at) {
      const found = [];
      for (const { key, value } of store.scan({ at })) found.push([key, value]);
      return found;
    },
    stats: () => store.stats(),
    close: () => store.close(),
  };
}
