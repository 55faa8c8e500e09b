/** The requests that all servers are sent: one for each of some thousands of keys. */
import { writeFileSync } from 'node:fs';
import { runProcess } from '../support/process.mjs';
import { timekv } from '../support/timekv.mjs';

const keys = 4096;
const valueBytes = 100;

const keyOf = (number) => `key-${String(number).padStart(8, '0')}`;
const pathOf = (number) => `/api/v1/keys/${keyOf(number)}`;
/** Of text, so that it can stand in an argument and in a line of `batch`; another for each key. */
export const valueOf = (number) => `value-${number}-`.padEnd(valueBytes, 'v');

const linesOf = (line) => Array.from({ length: keys }, (_, number) => `${line(number)}\n`).join('');

/** A file with a path in each line, for the programs that ask. */
export function pathsFile(workplace) {
  const file = workplace.fresh('paths');
  writeFileSync(file, linesOf(pathOf));
  return file;
}

/** A store in which each of the keys has its value. */
export async function filledStore(workplace) {
  const [directory, file] = [workplace.fresh('store'), workplace.fresh('sets')];
  writeFileSync(
    file,
    linesOf((number) => `set ${keyOf(number)} ${valueOf(number)}`),
  );
  await runProcess(timekv('batch', '--dir', directory, file));
  return directory;
}

/**
 * Gets a value, or puts one.
 * @param {{ puts?: string, gets?: string }} expected the value
 * @throws unless the server answers with status 200, and with the value where it is got
 */
export async function checkAnswer({ name, address }, number, { puts, gets }) {
  const request = puts === undefined ? {} : { method: 'PUT', body: Buffer.from(puts) };
  const response = await fetch(`${address}${pathOf(number)}`, request);
  const text = await response.text();
  if (response.status === 200 && (gets === undefined || text === gets)) return;
  throw new Error(`${name} answered ${response.status}: ${JSON.stringify(text)}`);
}
