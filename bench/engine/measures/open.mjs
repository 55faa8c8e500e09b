import { requireSame } from './check.mjs';
import { openSubject } from '../subjects/subjects.mjs';

/** Fills a store without closing it: the process dies in the middle of it, and leaves a log. */
export async function fillAndDie({ shape, directory }) {
  const store = await openSubject('timekv', directory, {});
  await store.load(shape.arriving());
  process.kill(process.pid, 'SIGKILL');
}

/** How long it takes until a store answers, in µs. */
export async function open({ shape, subject, directory }) {
  const row = shape.rows - 1;
  const key = shape.keyText(shape.keyOf(row));
  const start = performance.now();
  const store = await openSubject(subject, directory, {});
  const found = await store.get(key, shape.end);
  const first = (performance.now() - start) * 1000;
  // The second read makes of the log what all later ones need.
  await store.get(key, shape.end - 1);
  const second = (performance.now() - start) * 1000;
  requireSame(found, row, shape, 'the last key');
  await store.close();
  return { first, second };
}
