/**
 * Everybody's store of a shape, loaded by the work that measures loading, or when somebody asks for
 * one that is not there yet.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hasPackage } from '../support/peers.mjs';
import { runProgram } from '../support/process.mjs';

const program = join(import.meta.dirname, 'programs/measure.mjs');
const packages = { lmdb: 'lmdb', level: 'classic-level' };

/** Those of a list that are installed; of the others the table says that they were left out. */
export function present(subjects, results) {
  return subjects.filter((subject) => {
    const name = packages[storeName(subject)];
    return name === undefined || hasPackage(name, results);
  });
}

/** Runs a measure in a process of its own, and answers what it found. */
export async function measured(measure, options) {
  const { answer } = await runProgram(program, [JSON.stringify({ measure, ...options })]);
  return answer;
}

/** A new store of a shape, in place of the one that was there; answers what loading it took. */
export function loadStore({ workplace }, subject, { shape, ...options }) {
  const directory = workplace.freshDirectory(nameOf(subject, shape));
  return measured('load', { subject, shape, directory, ...options });
}

/** The directory of a store of a shape; if it was not loaded yet, by key if that is asked for. */
export async function storeOf(bench, subject, shape, { isSorted = false } = {}) {
  const directory = join(bench.workplace.path, nameOf(subject, shape));
  if (!existsSync(directory) && storeName(subject) !== 'map') {
    await loadStore(bench, subject, { shape, isSorted });
  }
  return directory;
}

/** Modes that only read otherwise share a store. */
function nameOf(subject, shape) {
  const layout = subject === 'sqlite ids' ? 'ids' : '';
  return `${storeName(subject)}${layout}-${JSON.stringify(shape).replaceAll(/\W+/g, '-')}`;
}

function storeName(subject) {
  return subject.split(' ')[0];
}
