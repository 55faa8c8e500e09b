/** Where the value of a `set` comes from. */
import { usageError } from './base/cli-error.js';
import type { Host } from './base/host.js';
import { readWhole, stdinName } from './input/input.js';
import { valueBytesMax } from './base/limits.js';
import type { TokenValue } from './tokens.js';

export interface ValueWords {
  value: TokenValue | undefined;
  time: string | undefined;
  file: string | undefined;
}

/** With `--file` there is no VALUE, and TIME moves up. */
export function sortWords({ value, time, file }: ValueWords): ValueWords {
  if (file === undefined) {
    if (value === undefined) {
      throw usageError('set needs a VALUE, or - for stdin, or --file PATH');
    }
    return { value, time, file };
  }
  if (time !== undefined)
    throw usageError('with --file there is no VALUE: set KEY --file PATH [TIME]');
  if (value === undefined) return { value, time, file };
  if (value.kind !== 'text')
    throw usageError('the value comes from --file; what follows is the TIME');
  return { value: undefined, time: value.text, file };
}

/** The bytes of the value. */
export async function readValue({ value, file }: ValueWords, host: Host): Promise<Buffer> {
  if (value?.kind === 'text') return Buffer.from(value.text);
  if (value?.kind === 'bytes') return value.bytes;
  const path = file ?? stdinName;
  if (path === stdinName && host.session !== undefined) {
    throw usageError('stdin carries the commands here; a plain hyphen is written: set KEY -- -');
  }
  return readWhole(path, valueBytesMax, host);
}
