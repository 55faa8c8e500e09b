import { openSubject } from '../subjects/subjects.mjs';
import { requireEqual, requireSame } from './check.mjs';
import { timed } from './timed.mjs';

/** One that keeps nothing on disk is filled first. */
async function opened({ shape, subject, directory, memoryMiB }) {
  const store = await openSubject(subject, directory, { memoryMiB });
  if (subject === 'map') store.load(shape.arriving());
  return store;
}

/**
 * Values as of random times, of random keys; in memory after a while, if there is room.
 * @param beginAt when all processes begin, as `Date.now()` tells it
 * @param others waits for those that are to begin at the same time
 */
export async function get({ shape, warmUp, count, seed = 1, beginAt = 0, others, ...options }) {
  const store = await opened({ shape, ...options });
  const { isAsync = false } = store;
  for (const { text, at, row } of shape.questions(warmUp, seed + 1)) {
    const found = isAsync ? await store.get(text, at) : store.get(text, at);
    requireSame(found, row, shape, `${text} as of ${at}`);
  }
  const questions = shape.questions(count, seed + 2);
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, beginAt - Date.now())));
  await others?.();
  let bytes = 0;
  const took = await timed(count, async () => {
    // A loop of its own: to await what needs no waiting would be most of the time.
    if (isAsync) {
      for (const { text, at } of questions) bytes += (await store.get(text, at))?.length ?? 0;
    } else {
      for (const { text, at } of questions) bytes += store.get(text, at)?.length ?? 0;
    }
  });
  const wanted = questions.filter(({ row }) => row >= 0).length * shape.valueBytes;
  requireEqual(bytes, wanted, 'the bytes of all values');
  await store.close();
  return took;
}

/**
 * Whole histories, every version of them with its timestamp and value: `first` of keys of which
 * nothing was asked before, and then, when each has been asked for once and `warmUp` of them again,
 * in memory.
 */
export async function history({ shape, warmUp, count, seed = 1, ...options }) {
  const store = await opened({ shape, ...options });
  // Each key once, far from key order.
  const keys = Array.from({ length: shape.keys }, (_, row) => shape.keyOf(row));
  const inOrder = shape.keyTexts();
  const texts = keys.map((key) => inOrder[key]);
  const [ran, asked] = [Math.ceil(shape.keys / 10), Math.ceil(shape.keys / 2)];
  const check = async (from, to) => {
    for (let i = from; i < to; i++) {
      checkHistory(await store.history(texts[i]), keys[i], shape);
    }
  };
  const ask = async (all) => {
    let versions = 0;
    for (const text of all) {
      const found = store.history(text);
      versions += (found instanceof Promise ? await found : found).length;
    }
    requireEqual(versions, all.length * shape.versions, 'the length of all histories');
  };
  // So that V8 has compiled what runs often.
  await check(0, ran);
  const first = await timed((asked - ran) * shape.versions, () => ask(texts.slice(ran, asked)));
  await check(asked, shape.keys);
  const textsOf = (length, from) => shape.questions(length, from).map(({ text }) => text);
  await ask(textsOf(warmUp, seed + 1));
  const questions = textsOf(count, seed);
  const took = await timed(count * shape.versions, () => ask(questions));
  await store.close();
  return { ...took, first };
}

function checkHistory(found, key, shape) {
  const text = shape.keyText(key);
  const rows = shape.rowsOf(key);
  requireEqual(found.length, rows.length, `the history of ${text}`);
  for (const [place, [at, value]] of found.entries()) {
    requireEqual(at, shape.first + rows[place], `a timestamp of ${text}`);
    requireSame(value, rows[place], shape, `${text} at ${at}`);
  }
}

/**
 * All keys as of a time, with their values, in key order: `first` as of times that were not asked for
 * before, after a few; and then, when all of them were asked for once more, in memory.
 */
export async function scan({ shape, count, ...options }) {
  const store = await opened({ shape, ...options });
  const times = Array.from({ length: count }, (_, i) =>
    Math.floor(shape.first + (shape.rows * (i + 1)) / (count + 1)),
  );
  checkScan(await store.scan(times[0]), times[0], shape);
  const ask = async (all) => {
    for (const at of all) {
      const found = store.scan(at);
      if (found instanceof Promise) await found;
    }
  };
  const ran = Math.ceil(count / 10);
  await ask(times.slice(1, ran));
  const left = times.slice(ran);
  const first = await timed(left.length * shape.keys, () => ask(left));
  await ask(times);
  const took = await timed(count * shape.keys, () => ask(times));
  await store.close();
  return { ...took, first };
}

function checkScan(found, at, shape) {
  let place = 0;
  for (let key = 0; key < shape.keys; key++) {
    const row = shape.rowAsOf(key, at);
    if (row < 0) continue;
    const [text, value] = found[place++] ?? [];
    requireEqual(text, shape.keyText(key), 'a scan');
    requireSame(value, row, shape, `a scan, at ${text}`);
  }
  requireEqual(found.length, place, 'the length of a scan');
}
