import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openSubject } from '../subjects/subjects.mjs';
import { timed } from './timed.mjs';

/** Loads all rows into a new store, durable at the end; then puts it in order. */
export async function load({ shape, subject, directory, memoryMiB, isSorted = false }) {
  const store = await openSubject(subject, directory, { memoryMiB });
  const rows = isSorted ? shape.inKeyOrder() : shape.arriving();
  const loading = await timed(shape.rows, () => store.load(rows));
  const settling = await timed(shape.rows, () => store.settle?.());
  await store.close();
  const bytes = bytesOf(directory) / shape.rows;
  return { loading, settling, bytes };
}

/** What the files of a directory take on the disk; a sparse file takes what it holds. */
export function bytesOf(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(join(entry.parentPath, entry.name)))
    .reduce((sum, { size, blocks }) => sum + Math.min(size, blocks * 512), 0);
}
