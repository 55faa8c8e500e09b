/**
 * Seeds that once found something: each harness replays its own before it draws new ones. When what a
 * harness draws from a seed changes, they mean other runs, and are to be found anew.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CorpusSeed {
  seed: number;
  /** In a word or two. */
  found: string;
}

/** @param harness the name of its file, without `.test.ts` */
export function corpusOf(harness: string): CorpusSeed[] {
  const file = join(import.meta.dirname, '..', 'corpus', `${harness}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as CorpusSeed[];
}
