import { openSubject } from '../subjects/subjects.mjs';

const valueBytes = 100;
/** So many of the latencies are answered, at even steps from the least to the greatest. */
const latenciesMax = 1_000;

/**
 * Writers that each begin with the next write when the last one is durable.
 * @param warmUpMs how long they write before anything is counted: V8 compiles what runs often then
 * @param beginAt when all processes begin, as `Date.now()` tells it
 */
export async function durable({
  subject,
  directory,
  writers,
  milliseconds,
  warmUpMs,
  beginAt = 0,
}) {
  const store = await openSubject(subject, directory, { isDurable: true });
  const value = Buffer.alloc(valueBytes, 'v');
  const own = `${process.pid}`.padStart(8, '0');
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, beginAt - Date.now())));

  const latencies = [];
  const start = performance.now() + warmUpMs;
  const write = async (writer) => {
    const key = `${own}:${writer}`;
    for (let i = 0; ; i++) {
      const before = performance.now();
      if (before - start >= milliseconds) return;
      await store.set(key, value, i);
      if (before >= start) latencies.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  const wallMs = performance.now() - start;
  await store.close();
  const operations = latencies.length;
  latencies.sort((a, b) => a - b);
  const step = Math.max(1, operations / latenciesMax);
  const some = [];
  for (let i = 0; i < operations; i += step) some.push(latencies[Math.floor(i)]);
  return {
    operations,
    wall: (wallMs * 1000) / operations,
    latenciesMs: some,
    maxMs: latencies.at(-1),
  };
}
