import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openSubject } from '../subjects/subjects.mjs';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

/** What versions take in memory beyond their values, in bytes: of a store that keeps nothing on disk. */
export async function memory({ shape, subject }) {
  const store = await openSubject(subject, ':memory:', {});
  const texts = shape.keyTexts();
  // As much as loading needs for a while, whatever is loaded.
  await store.load([{ key: 'warm-up', at: 0, value: shape.value(0) }]);
  collectGarbage();
  const before = process.memoryUsage.rss();
  await store.load(shape.arriving(texts));
  collectGarbage();
  const { memory: counted } = (await store.stats?.()) ?? { memory: { memtables: NaN } };
  return {
    rss: (process.memoryUsage.rss() - before) / shape.rows - shape.valueBytes,
    counted: counted.memtables / shape.rows - shape.valueBytes,
  };
}
