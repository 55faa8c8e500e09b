/**
 * `get KEY` and `get KEY TIME` in a batch, with no option: what programs send by the hundred thousand.
 * Anything else, and whatever goes wrong here, goes the way of all commands, which answers the same.
 */
import { tsvAbsent, tsvCell } from '../display/cells.js';
import type { Host } from '../base/host.js';
import { jsonText } from '../display/formats.js';
import { versionJson } from '../display/shapes.js';
import type { StoreAccess } from '../base/store-access.js';
import type { Token } from '../tokens.js';
import { visible } from '../base/terminal-text.js';
import { integerIn, isPlain } from './plain-tokens.js';

/**
 * The answer, as the line that is written; undefined if it is not for this way.
 * @param isJson as a version in JSON, or else as a cell of TSV
 */
export function quickGet(
  tokens: readonly Token[],
  store: StoreAccess,
  { isTerminal }: Pick<Host, 'isTerminal'>,
  isJson: boolean,
): string | undefined {
  const [verb, key, time] = tokens;
  if (verb !== 'get' || tokens.length > 3 || !isPlain(key)) return undefined;
  const at = time === undefined ? undefined : integerIn(time);
  if (time !== undefined && at === undefined) return undefined;
  const version = versionOf(store, key, at);
  if (version === 'unknown') return undefined;
  if (version?.state !== 'value') return isJson ? 'null\n' : `${tsvAbsent}\n`;
  if (isJson) {
    return `${jsonText(versionJson(version, store.unit, at ?? store.now()), { isTerminal })}\n`;
  }
  const cell = tsvCell(version.value);
  if (typeof cell !== 'string') return undefined;
  return isTerminal ? `${visible(cell)}\n` : `${cell}\n`;
}

/** What the store says at once, without an error; a remote one would not. */
function versionOf(store: StoreAccess, key: string, at: number | undefined) {
  try {
    const version = store.version(key, at);
    return version instanceof Promise ? 'unknown' : version;
  } catch {
    return 'unknown';
  }
}
