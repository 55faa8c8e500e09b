// Loads one key with a million versions, and, if asked, many keys beside it.
import { open } from '../../../dist/bundle/src/index.js';
import { answer } from './answer.mjs';

const { directory, versions, keys } = JSON.parse(process.argv[2]);

function* rows() {
  for (let at = 0; at < versions; at += 1) {
    yield { key: keys === 1 ? 'one' : `key/${at % keys}`, value: `value ${at}`, at };
  }
}

const store = await open(directory);
const started = performance.now();
const count = await store.load(rows());
const loadMs = performance.now() - started;
await store.close();
answer({ count, loadMs });
