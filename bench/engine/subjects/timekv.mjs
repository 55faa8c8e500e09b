/** timekv, as a program embeds it. */
import { open } from '../../../dist/bundle/src/index.js';

export async function openTimekv(directory, { memoryMiB, mode }) {
  const store = await open(directory, { codec: 'bytes', memory: memoryMiB * 2 ** 20 });
  const get = (key, at) => store.get(key, at);
  return {
    load: (rows) => store.load(rows),
    settle: () => store.compact({ full: true }),
    set: (key, value, at) => store.set(key, value, at),
    get:
      mode === 'refresh'
        ? (key, at) => {
            store.refresh();
            return store.get(key, at);
          }
        : get,
    history: (key) => Array.from(store.history(key), ({ timestamp, value }) => [timestamp, value]),
    scan: (at) => Array.from(store.scan({ at }), ({ key, value }) => [key, value]),
    stats: () => store.stats(),
    close: () => store.close(),
  };
}
