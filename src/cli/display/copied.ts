/** What `snapshot --export` and `restore` say of the segments that they put somewhere. */
import { resolve } from 'node:path';
import type { BackupResult, RestoreOptions } from '../../index.js';
import { formatByteSize } from '../base/byte-size.js';
import { usageError } from '../base/cli-error.js';

export function copiedLine({ seq, linked, copied, written, kept, bytes }: BackupResult): string {
  return `up to seq ${seq}; segments: ${linked} linked, ${copied} copied, ${written} written anew, ${kept} there already; together ${formatByteSize(bytes)}`;
}

/** A directory that was written as an argument or behind an option. */
export function directoryFrom(text: string, name: string): string {
  if (text === '') throw usageError(`${name} needs the name of a directory`);
  return resolve(text);
}

export async function restored(
  from: string,
  directory: string,
  options: RestoreOptions,
): Promise<BackupResult> {
  const { restore } = await import('../../index.js');
  return restore(from, directory, options);
}
