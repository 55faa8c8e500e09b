/** What is to be kept, as commands say it, and what is not, as they tell it. */
import type { CompactResult, KeepOptions, Unit } from '../index.js';
import { formatByteSize } from './base/byte-size.js';
import { given } from './base/store-access.js';
import { option, parseCount, textOption } from './declarations.js';
import { parseKeepFor } from './time/duration.js';

export const keepFlags = {
  'keep-for': textOption({
    helpValue: 'D',
    description: 'keep what was valid since so long ago, or later',
  }),
  'keep-versions': option(parseCount, {
    helpValue: 'N',
    description: 'keep the newest N versions of each key, tombstones counted',
  }),
};

interface KeepFlags {
  'keep-for': string | undefined;
  'keep-versions': number | undefined;
}

/** @returns undefined if nothing is said of it */
export function policyFrom(flags: KeepFlags, unit: Unit): KeepOptions | undefined {
  const keepFor = parseKeepFor(flags['keep-for'], unit);
  const keepVersions = flags['keep-versions'];
  if (keepFor === undefined && keepVersions === undefined) return undefined;
  return given({ keepFor, keepVersions });
}

/** What goes: `12 versions of 3 keys, 1.5 KiB`. */
export function letGoText({ keys, versions, bytes }: CompactResult['letGo']): string {
  const ofKeys = keys === 1 ? '1 key' : `${keys} keys`;
  const those = versions === 1 ? '1 version' : `${versions} versions`;
  return `${those} of ${ofKeys}, ${formatByteSize(bytes)}`;
}
