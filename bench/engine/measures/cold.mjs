import { readFileSync } from 'node:fs';
import { openSubject } from '../subjects/subjects.mjs';
import { requireSame } from './check.mjs';

/** System calls that read, of this process, ever. */
const readsSoFar = () => Number(/^syscr: (\d+)/m.exec(readFileSync('/proc/self/io', 'utf8'))[1]);

/** Lookups in a store of which nothing is in memory: who runs this has dropped the system's caches. */
export async function coldGet({ shape, subject, directory, memoryMiB, count, seed, isAbsent }) {
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
