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

/** Whole histories, every version of them with its timestamp and value. */
export async function history({ shape, count, seed = 1, ...options }) {
  const store = await opened({ shape, ...options });
  const questions = shape.questions(2 * count, seed);
  for (const { key, text } of questions.slice(0, count)) {
    const found = await store.history(text);
    const rows = shape.rowsOf(key);
    requireEqual(found.length, rows.length, `the history of ${text}`);
    for (const [place, [at, value]] of found.entries()) {
      requireEqual(at, shape.first + rows[place], `a timestamp of ${text}`);
      requireSame(value, rows[place], shape, `${text} at ${at}`);
    }
  }
  let versions = 0;
  const took = await timed(count * shape.versions, async () => {
    for (const { text } of questions.slice(count)) {
      const found = store.history(text);
      versions += (found instanceof Promise ? await found : found).length;
    }
  });
  requireEqual(versions, count * shape.versions, 'the length of all histories');
  await store.close();
  return took;
}

/** All keys as of a time, with their values, in key order. */
export async function scan({ shape, count, ...options }) {
  const store = await opened({ shape, ...options });
  const times = Array.from({ length: count }, (_, i) =>
    Math.floor(shape.first + (shape.rows * (i + 1)) / (count + 1)),
  );
  const checked = await store.scan(times[0]);
  let place = 0;
  for (let key = 0; key < shape.keys; key++) {
    const row = shape.rowAsOf(key, times[0]);
    if (row < 0) continue;
    const [text, value] = checked[place++] ?? [];
    requireEqual(text, shape.keyText(key), 'a scan');
    requireSame(value, row, shape, `a scan, at ${text}`);
  }
  requireEqual(checked.length, place, 'the length of a scan');
  for (const at of times.slice(0, count >> 1)) await store.scan(at);
  const took = await timed(count * shape.keys, async () => {
    for (const at of times) {
      const found = store.scan(at);
      if (found instanceof Promise) await found;
    }
  });
  await store.close();
  return took;
}
