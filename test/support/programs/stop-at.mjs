// Writes once, and stops itself (SIGSTOP) at one step of that: right before the nth call of a kind to
// a file of that name. Where it shall, it loses its locks there first, as a program does that reads
// the files of the store; a write it may have done by half. Then answers what came of the write.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeFileSystem } from '../../../dist/src/disk/file-system.js';
import { openWith } from '../../../dist/src/open.js';
import { answer, say } from './answer.mjs';

const { directory, at, losesLock, action } = JSON.parse(process.argv[2]);

const opened = new Map();
let left = Infinity;

function reach(call, path, doHalf) {
  if (call !== at.call || !path.endsWith(at.file) || (left -= 1) > 0) return;
  if (at.byHalf) doHalf();
  left = Infinity;
  if (losesLock) readFileSync(join(directory, 'write.lock'));
  say('stopping');
  process.kill(process.pid, 'SIGSTOP');
}

const fileSystem = Object.fromEntries(
  Object.entries(nodeFileSystem).map(([name, call]) => [
    name,
    (...args) => {
      const [target] = args;
      reach(name, typeof target === 'number' ? (opened.get(target) ?? '') : target, () => {
        const [file, bytes, position] = args;
        call(file, bytes.subarray(0, 100), position);
        args = [file, bytes.subarray(100), position + 100];
      });
      const result = call(...args);
      if (name === 'open' || name === 'create') opened.set(result, target);
      return result;
    },
  ]),
);
// It is read under the lock, when conditions are judged.
const clock = {
  now() {
    reach('now', '');
    return Date.now() * 1000;
  },
};

const store = await openWith(directory, {}, { fileSystem, clock });
await store.set('own', 'before');
left = at.nth ?? 1;
const outcome = { seq: null, code: null };
try {
  if (action === 'snapshot') await store.snapshot();
  else outcome.seq = (await store.commit([{ type: 'set', key: 'own', value: 'late' }])).firstSeq;
} catch (error) {
  outcome.code = error.code;
  outcome.message = error.message;
}
left = Infinity;
try {
  outcome.own = [...store.history('own')].map(({ value, seq }) => [value, seq]);
} catch (error) {
  outcome.own = error.code;
}
await store.close().catch(() => {});
answer(outcome);
