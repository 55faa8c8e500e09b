/** Completion in the REPL: commands, options, and keys from the store's own order. */
import { spellings } from './arguments.js';
import { commandClass } from './command-table.js';
import { processOnly } from './declarations.js';
import { dotCommandNames } from './dot-commands.js';
import { quoteToken, splitLine } from './line-tokens.js';
import { sessionCommandNames } from './session.js';
import type { StoreAccess } from './store-access.js';
import { markTokens } from './tokens.js';

/** Candidates, and the part of the line that they stand for. */
export type Completion = [candidates: string[], part: string];

const keysMax = 200;
/** Arguments that name keys. */
const keyArguments = new Set(['key', 'prefix']);
/** Options that a session refuses. */
const refused = new Set<string>([...processOnly, 'raw']);

/** Completes the last word of a line. Never fails: without an idea there are no candidates. */
export async function complete(line: string, store: StoreAccess): Promise<Completion> {
  try {
    const { words, part, isQuoted } = wordsOf(line);
    const found = await candidates(words, part.text, store);
    const isOption = part.text.startsWith('-') && !words.includes('--');
    const quoted = isOption ? found : found.map((text) => quoteToken(text, isQuoted));
    return [quoted.length === 1 ? [`${quoted[0] ?? ''} `] : quoted, part.typed];
  } catch {
    return [[], line];
  }
}

interface Words {
  /** The words before the one that is being typed. */
  words: string[];
  part: { text: string; typed: string };
  isQuoted: boolean;
}

function wordsOf(line: string): Words {
  const bytes = Buffer.from(line);
  const { tokens, open } = splitLine(bytes);
  const last = tokens.at(-1);
  if (last === undefined || (open === undefined && /\s$/.test(line))) {
    const words = tokens.map(({ value }) => String(value));
    return { words, part: { text: '', typed: '' }, isQuoted: false };
  }
  const typed = bytes.toString('utf8', last.start);
  return {
    words: tokens.slice(0, -1).map(({ value }) => String(value)),
    part: { text: String(last.value), typed },
    isQuoted: typed.startsWith('"'),
  };
}

async function candidates(
  words: readonly string[],
  part: string,
  store: StoreAccess,
): Promise<string[]> {
  const [verb, ...rest] = words;
  const startingSo = (names: readonly string[]) => names.filter((name) => name.startsWith(part));
  if (verb === undefined) return startingSo([...sessionCommandNames(), ...dotCommandNames]);
  if (verb === 'help') return rest.length > 0 ? [] : startingSo([...sessionCommandNames(), 'time']);
  if (verb.startsWith('.')) return [];
  const { args, flags, baseFlags } = await commandClass(verb);
  const allFlags = { ...baseFlags, ...flags };
  if (part.startsWith('-') && !rest.includes('--')) {
    const names = Object.keys(allFlags).filter((name) => !refused.has(name));
    return startingSo(names.map((name) => `--${name}`)).toSorted();
  }
  const { positional } = markTokens(rest, spellings(allFlags));
  if (!keyArguments.has(Object.keys(args)[positional.length] ?? '')) return [];
  const keys: string[] = [];
  for await (const key of store.keys({ prefix: part, limit: keysMax, all: true })) keys.push(key);
  return keys;
}
