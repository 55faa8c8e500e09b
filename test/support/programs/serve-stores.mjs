// Serves stores over HTTP to the test that started it, which says over IPC which ones. `whens` tells
// how many have come to wait for a value, so that a test knows when one of its own does.
import { openSync, readSync } from 'node:fs';
import { createServer } from 'node:http';
import { open } from '../../../dist/src/index.js';
import { serve } from '../../../dist/src/http/server.js';

const running = new Map();
let whens = 0;

/** A clock that shows what the test has written into a file. */
function clockIn(file) {
  const descriptor = openSync(file, 'r');
  const bytes = Buffer.alloc(8);
  return {
    now() {
      readSync(descriptor, bytes, 0, 8, 0);
      return bytes.readDoubleLE();
    },
  };
}

async function begin({ id, directory, options, clockFile }) {
  const clock = clockFile === undefined ? {} : { clock: clockIn(clockFile) };
  const store = await open(directory, { ...options, ...clock, codec: 'bytes' });
  const when = store.when.bind(store);
  store.when = (...wait) => {
    const answer = when(...wait);
    whens += 1;
    return answer;
  };
  const serving = await serve(store, {
    host: '127.0.0.1',
    port: 0,
    tokens: [],
    isReadOnly: false,
    times: { unit: store.unit, now: () => store.now(), zone: 'UTC' },
    version: '0',
    report: (message) => process.stderr.write(`${message}\n`),
  });
  running.set(id, { store, serving });
  return serving.address;
}

async function end({ id }) {
  const { store, serving } = running.get(id);
  running.delete(id);
  await serving.close();
  await store.close();
}

async function reply({ ask, ...words }) {
  try {
    process.send({ answer: await (ask === 'begin' ? begin(words) : end(words)) });
  } catch (error) {
    process.send({ error: String(error.stack) });
  }
}

process.on('message', (words) => void reply(words));
process.on('disconnect', () => process.exit());
const told = createServer((_, response) => response.end(String(whens)));
told.listen(0, '127.0.0.1', () => process.send({ answer: told.address().port }));
