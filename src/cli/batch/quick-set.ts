/**
 * `set KEY VALUE` and `set KEY VALUE TIME` in a batch, with no option: what programs send by the
 * hundred thousand. Anything else goes the way of all commands, which writes the same.
 */
import type { Operation } from '../../index.js';
import type { Host } from '../base/host.js';
import type { Token } from '../tokens.js';
import { integerIn, isPlain } from './plain-tokens.js';

/** What surely is a key: its bytes are counted elsewhere. */
const keyLengthMax = 500;
/** Larger ones are few. On the way of all commands each is copied several times over. */
const valueLengthMax = 4 * 1024 * 1024;
const hyphen = 0x2d;

/** The write; undefined if it is not for this way. */
export function quickSet(
  tokens: readonly Token[],
  { hasTerminalMessages }: Pick<Host, 'hasTerminalMessages'>,
): Operation<Buffer> | undefined {
  const [verb, key, value, time] = tokens;
  if (verb !== 'set' || tokens.length > 4 || value === undefined) return undefined;
  if (!isPlain(key) || key === '' || key.length > keyLengthMax) return undefined;
  if (value.length > valueLengthMax) return undefined;
  const bytes = Buffer.from(value as string); // Or a copy of bytes.
  if (bytes[0] === hyphen) return undefined;
  if (time === undefined) return { type: 'set', key, value: bytes };
  // Whoever looks on may be told that the time is an odd one.
  const at = hasTerminalMessages ? undefined : integerIn(time);
  return at === undefined ? undefined : { type: 'set', key, value: bytes, at };
}
