/** Completion: commands, options and their values, times, and keys from the store's own order. */
import { processOnly } from '../declarations.js';
import { wantedOf, wordsOf, type Declared, type Role, type Wanted } from './command-words.js';
import { dotCommandNames, dotCommandUsage } from './dot-commands.js';
import type { Completion } from '../editor/line-editor.js';
import { quoteToken } from '../line-tokens.js';
import { declarationsOf } from './line-look.js';
import { sessionCommandNames } from '../session.js';
import type { StoreAccess } from '../base/store-access.js';
import { timeCandidates } from './time-candidates.js';
import type { TimeContext } from '../time/time-expression.js';
import type { Token } from '../tokens.js';
import { typedLine } from './typed-line.js';

/** Keys that one completion reads. */
const keysMax = 200;
/** Options that a session refuses. */
const refused = new Set<string>([...processOnly, 'raw']);

/** What completion asks; a store where there is one. */
export interface CompletionContext {
  store(): Promise<StoreAccess>;
  times(store: StoreAccess): TimeContext;
}

/** Candidates, and how much of the last word they leave as it is. */
interface Found {
  candidates: string[];
  /** Characters of the word before what is completed: `--format=`. */
  kept: number;
  /** They are keys, in which anything may stand. */
  areKeys: boolean;
}

const nothing: Found = { candidates: [], kept: 0, areKeys: false };

/** Completes the last word of a line of the REPL. Never fails: without an idea there is nothing. */
export async function complete(line: string, context: CompletionContext): Promise<Completion> {
  try {
    const { words } = typedLine(line);
    const last = words.at(-1);
    const { candidates, kept, areKeys } = await candidatesFor(
      words.map(({ value }) => value),
      sessionVocabulary,
      context,
    );
    const isQuoted = last?.typed.startsWith('"') === true;
    const quoted = areKeys ? quotedAlike(candidates, isQuoted) : candidates;
    const part = last?.typed.slice(kept) ?? '';
    return [quoted.length === 1 ? [`${quoted[0] ?? ''} `] : quoted, part];
  } catch {
    return [[], line];
  }
}

/** What there is to be completed besides a command's own arguments. */
export interface Vocabulary {
  commands(): string[];
  topics(): string[];
  /** Whether an option can be written here. */
  hasOption(name: string): boolean;
}

const sessionVocabulary: Vocabulary = {
  commands: () => [...sessionCommandNames(), ...dotCommandNames],
  topics: () => [...sessionCommandNames(), 'time'],
  hasOption: (name) => !refused.has(name),
};

/** The candidates for the last of the words. */
export async function candidatesFor(
  words: readonly Token[],
  vocabulary: Vocabulary,
  context: CompletionContext,
): Promise<Found> {
  const [verb = '', ...rest] = words.map(String);
  const part = rest.at(-1);
  if (part === undefined) return startingSo(vocabulary.commands(), verb);
  const usage = dotCommandUsage(verb);
  if (verb === 'help' || verb === '.help') {
    return rest.length > 1 ? nothing : startingSo(vocabulary.topics(), part);
  }
  if (usage !== undefined) {
    return rest.length > 1 ? nothing : forWanted(wantedOf(usage), part, undefined, context);
  }
  if (verb.startsWith('.')) return nothing;
  const declared = await declarationsOf(verb);
  const { roles } = wordsOf(rest, declared);
  return forRole(roles, rest, declared, { vocabulary, context });
}

async function forRole(
  roles: readonly Role[],
  words: readonly string[],
  { flags }: Declared,
  { vocabulary, context }: { vocabulary: Vocabulary; context: CompletionContext },
): Promise<Found> {
  const role = roles.at(-1);
  const part = words.at(-1) ?? '';
  const key = words.find((_, index) => {
    const other = roles[index];
    return other?.kind === 'argument' && other.wanted?.name === 'KEY';
  });
  const isLone = part === '-' && !words.includes('--');
  const names = Object.keys(flags).filter((name) => vocabulary.hasOption(name));
  const options = startingSo(names.map((name) => `--${name}`).toSorted(), part).candidates;
  if (role?.kind === 'value') return forWanted(role.wanted, part, key, context);
  if (role?.kind === 'argument') {
    const found = await forWanted(role.wanted, part, key, context);
    return { ...found, candidates: [...found.candidates, ...(isLone ? options : [])] };
  }
  if (role?.kind !== 'option') return startingSo(['--'], part);
  if (role.value === undefined) return { ...nothing, candidates: options };
  const { wanted, start } = role.value;
  return { ...(await forWanted(wanted, part.slice(start), key, context)), kept: start };
}

async function forWanted(
  wanted: Wanted | undefined,
  part: string,
  key: string | undefined,
  context: CompletionContext,
): Promise<Found> {
  if (wanted?.kind === 'choice') return startingSo(wanted.choices, part);
  if (wanted?.kind === 'key') {
    const candidates = await keysFrom(await context.store(), part);
    return { candidates, kept: 0, areKeys: true };
  }
  if (wanted?.kind !== 'time') return nothing;
  const store = await context.store();
  return startingSo(await timeCandidates(store, key, context.times(store)), part);
}

function startingSo(names: readonly string[], part: string): Found {
  return { ...nothing, candidates: names.filter((name) => name.startsWith(part)) };
}

/**
 * The keys that begin so, as many as may be read; of more than that the last one too, so that what
 * all of them have in common is known.
 */
async function keysFrom(store: StoreAccess, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of store.keys({ prefix, limit: keysMax - 1, all: true })) keys.push(key);
  if (keys.length < keysMax - 1) return keys;
  for await (const last of store.keys({ prefix, limit: 1, all: true, reverse: true })) {
    if (last !== keys.at(-1)) keys.push(last);
  }
  return keys;
}

/** All with quotes if one needs them, so that they begin alike. */
function quotedAlike(texts: readonly string[], isQuoted: boolean): string[] {
  const needsQuotes = isQuoted || texts.some((text) => quoteToken(text) !== text);
  return texts.map((text) => quoteToken(text, needsQuotes));
}
