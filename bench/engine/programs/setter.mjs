/**
 * Sets the keys that it is sent, and answers when each was committed, in milliseconds since 1970.
 * Forked, with the store's directory.
 */
import { on } from 'node:events';
import { open } from '../../../dist/bundle/src/index.js';

const store = await open(process.argv[2]);
process.send('ready');
for await (const [key] of on(process, 'message', { close: ['disconnect'] })) {
  await store.set(key, 'v');
  process.send(performance.timeOrigin + performance.now());
}
await store.close();
