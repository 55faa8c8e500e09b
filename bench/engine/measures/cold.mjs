import { readFileSync } from 'node:fs';
import { Shape } from '../shapes.mjs';
import { openSubject } from '../subjects/subjects.mjs';
import { requireSame } from './check.mjs';

async function askAll(subject, { shape, directory, count }) {
  const store = await openSubject(subject, directory, { memoryMiB: 8 });
  const small = new Shape(shape);
  for (const { text, at, row } of small.questions(count, 1)) {
    const found = store.isAsync ? await store.get(text, at) : store.get(text, at);
    requireSame(found, row, small, `${text} as of ${at}`);
  }
  await store.close();
}

/** System calls that read, of this process, ever. */
const readsSoFar = () => Number(/^syscr: (\d+)/m.exec(readFileSync('/proc/self/io', 'utf8'))[1]);

/**
 * Lookups in a store of which nothing is in memory: who runs this has dropped the system's caches.
 * @param warmUp a small store that is asked first, since code that has just been started is slow too
 */
export async function coldGet({ warmUp, ...options }) {
  const { shape, subject, directory, memoryMiB, count, seed, isAbsent } = options;
  await askAll(subject, warmUp);
  const store = await openSubject(subject, directory, { memoryMiB });
  const took = [];
  let reads = 0;
  for (const { key, text, at, row } of shape.questions(count, seed)) {
    const asked = isAbsent ? `${shape.keyText(key)}x` : text;
    const readsBefore = readsSoFar();
    const start = performance.now();
    // A promise would end the run of code, and with it the look at what others have written.
    const found = store.isAsync ? await store.get(asked, at) : store.get(asked, at);
    took.push((performance.now() - start) * 1000);
    // Less the one that looks at the counter.
    reads += readsSoFar() - readsBefore - 1;
    requireSame(found, isAbsent ? -1 : row, shape, `${asked} as of ${at}`);
  }
  await store.close();
  took.sort((a, b) => a - b);
  return { p50: took[count >> 1], p90: took[Math.floor(count * 0.9)], reads: reads / count };
}
