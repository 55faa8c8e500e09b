// Opens a store, makes the calls it is told, one after the other, and prints each outcome. For
// what only another process can show: another user, a limit, an end without close.
import { open } from '../../../dist/bundle/src/index.js';
import { answer } from './answer.mjs';

const { directory, options, calls } = JSON.parse(process.argv[2]);

async function outcome(action) {
  try {
    let value = await action();
    if (typeof value?.[Symbol.iterator] === 'function' && typeof value !== 'string') {
      value = [...value];
    }
    return { value };
  } catch ({ name, code, message, file, offset }) {
    return { error: { name, code, message, file, offset } };
  }
}

let store;
const outcomes = [
  await outcome(async () => {
    store = await open(directory, options);
  }),
];
for (const [method, ...args] of calls) outcomes.push(await outcome(() => store[method](...args)));
await outcome(() => store.close());
answer(outcomes);
