/** The arguments and options that several commands share, each declared once. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { OptionFlag } from '@oclif/core/interfaces';
import { parseByteSize } from './base/byte-size.js';
import { usageError } from './base/cli-error.js';
import { parseMilliseconds } from './time/duration.js';
import { memoryBytesMin } from './base/limits.js';
import { formats, parseFormat } from './base/look.js';
import { parseDir } from './base/store-directory.js';
import { readToken, tokenText, type TokenValue } from './tokens.js';
import { parseZone } from './time/time-zone.js';

// oclif would fill a missing argument from stdin; none of ours may.
const never = { ignoreStdin: true } as const;

export const textArg = Args.custom({ ...never, ...readBy(tokenText) });

/** An argument for which `-` means stdin, and which may be bytes. */
export const valueArg = Args.custom<TokenValue>({ ...never, ...readBy(readToken) });

export const keyArg = textArg({ required: true, description: 'the key' });

export const timeArg = textArg({ description: 'a time, see `timekv help time`; default now' });

/** How an option is described in help. */
interface OptionProperties {
  char?: 'd';
  helpGroup?: string;
  helpValue: string;
  description: string;
  exclusive?: string[];
  dependsOn?: string[];
  /** With it there is no KEY, though one is required. */
  replacesKey?: true;
}

/** An option whose value is read by a function of ours. */
export function option<T>(
  read: (text: string) => T,
  properties: OptionProperties,
): OptionFlag<T | undefined> {
  return {
    type: 'option',
    name: '',
    input: [],
    multiple: false,
    ...(readBy((marked) => read(tokenText(marked))) as Pick<OptionFlag<T | undefined>, 'parse'>),
    ...properties,
  };
}

/** What a declaration says of how a marked token is read: `parse` as oclif has it, `read` for us. */
function readBy<T>(read: (marked: string) => T) {
  // What `read` throws has to come out of the promise.
  const parse = (input: string): Promise<T> =>
    new Promise((resolve) => {
      resolve(read(input));
    });
  return { parse, read };
}

export function textOption(properties: OptionProperties): OptionFlag<string | undefined> {
  return option((text) => text, properties);
}

/** One of a few words. */
export function choiceOption<const T extends string>(
  name: string,
  choices: readonly T[],
  properties: Omit<OptionProperties, 'helpValue'>,
): OptionFlag<T | undefined> {
  const read = (text: string): T => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice === undefined) throw usageError(`--${name} ${text}: write ${choices.join(' or ')}`);
    return choice;
  };
  return option(read, { helpValue: choices.join('|'), ...properties });
}

/** Reads a whole number, 0 or more. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count)) {
    throw usageError(`${JSON.stringify(text)} is no count; write a whole number`);
  }
  return count;
}

/** Reads the value of `--if-seq`. */
export function parseSeq(text: string): number | 'none' {
  if (text === 'none') return 'none';
  const seq = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(seq) && seq > 0) return seq;
  throw usageError(`--if-seq ${text}: write the seq of a version, or none`);
}

export const fileArg = textArg({ description: 'a file, or - for stdin; default stdin' });

/** For commands that take a prefix in the place of KEY: later positions move up. */
export const prefixFlag = textOption({
  helpValue: 'P',
  description: 'all keys that begin so, in the place of KEY',
});

/** What stands where KEY and TIME do, unless there is no KEY. */
interface KeyAndTime {
  key: string | undefined;
  time: string | undefined;
}

/** Which of its words a command takes for KEY and TIME. */
export function keyOrPrefix(
  words: KeyAndTime,
  prefix: string | undefined,
): { key: string; prefix: string | undefined; time: string | undefined } {
  if (prefix !== undefined) return { key: '', prefix, time: timeAlone(words, '--prefix') };
  if (words.key === undefined) {
    throw usageError('KEY is missing; with --prefix P it is all keys that begin so');
  }
  return { key: words.key, prefix, time: words.time };
}

/** With this option there is no KEY, and TIME moves up. */
export function timeAlone({ key, time }: KeyAndTime, instead: string): string | undefined {
  if (time === undefined) return key;
  throw usageError(`${JSON.stringify(key)}: with ${instead} there is no KEY`);
}

export const snapshotFlag = textOption({
  helpValue: 'NAME',
  description: 'read the snapshot of this name',
});

export const prefixArg = textArg({ description: 'only keys that begin so' });

/** Which keys, as of when. */
export const rangeFlags = {
  at: textOption({ helpValue: 'TIME', description: 'as of this time; default now' }),
  start: textOption({ helpValue: 'KEY', description: 'first key, included' }),
  end: textOption({ helpValue: 'KEY', description: 'last key, excluded' }),
  limit: option(parseCount, { helpValue: 'N', description: 'at most so many' }),
  reverse: Flags.boolean({ description: 'in reverse order' }),
  snapshot: snapshotFlag,
  count: Flags.boolean({ description: 'print only how many there are' }),
};

/** Reads the value of `--memory`, which is wrong in commands too that have no use for it. */
function parseMemory(text: string): number {
  const bytes = parseByteSize(text);
  if (bytes >= memoryBytesMin) return bytes;
  throw usageError(
    `memory ${bytes} is less than ${memoryBytesMin / 1024 ** 2}M, which is the least`,
  );
}

/** Options that make no sense for one line of a session, whose store is open already. */
export const processOnly = ['dir', 'memory', 'durability', 'busy-timeout', 'allow-remote'] as const;

const common = { helpGroup: 'COMMON' };

/** What every command understands. */
export const commonFlags = {
  dir: option(parseDir, {
    ...common,
    char: 'd',
    helpValue: 'DIR',
    description: 'the store; else $TIMEKV_DIR, else $XDG_DATA_HOME/timekv',
  }),
  memory: option(parseMemory, {
    ...common,
    helpValue: 'SIZE',
    description: 'memory tier, at least 8M (default 64M)',
  }),
  durability: choiceOption('durability', ['full', 'process'], {
    ...common,
    description: 'what a finished write survives: power loss, or kill -9 only (default full)',
  }),
  'busy-timeout': option(parseMilliseconds, {
    ...common,
    helpValue: 'DURATION',
    description: 'longest wait for another process (default 5s)',
  }),
  'allow-remote': Flags.boolean({
    ...common,
    description: 'open a store on a network file system all the same',
  }),
  tz: option(parseZone, {
    ...common,
    helpValue: 'ZONE',
    description: "zone of local times; else $TZ, else the system's",
  }),
  json: Flags.boolean({
    ...common,
    exclusive: ['format'],
    description: 'answer in JSON; errors too, on stderr',
  }),
  format: option(parseFormat, {
    ...common,
    helpValue: formats.join('|'),
    description: 'format of rows (default table on a terminal, else tsv)',
  }),
  'no-color': Flags.boolean({ ...common, description: 'no colour' }),
};
