/** Batches in stores of their own. */
import { join } from 'node:path';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { runHere } from './recorded-host.js';

/** Where no store is yet. */
export function fresh(): string {
  return join(temporaryDirectory(), 'store');
}

/** Runs the lines. */
export function batch(directory: string, lines: string[], ...options: string[]) {
  return runHere(directory, ['batch', ...options], { input: `${lines.join('\n')}\n` });
}

/** The answers of a batch in JSON, a line each. */
export async function answers(directory: string, lines: string[], ...options: string[]) {
  const outcome = await batch(directory, lines, '--json', ...options);
  const rows = outcome.stdout.split('\n').slice(0, -1);
  return { ...outcome, rows: rows.map((row) => JSON.parse(row) as unknown) };
}
