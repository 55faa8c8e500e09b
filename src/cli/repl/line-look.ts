/** How a line of the REPL looks while it is typed: its colours, and the hint behind it. */
import type { Colours } from '../display/colours.js';
import { commandClass } from '../command-table.js';
import { wantedOf, wordsOf, type Declared, type Role, type Wanted } from './command-words.js';
import { dotCommandUsage } from './dot-commands.js';
import type { Paint, Span } from '../editor/edit-layout.js';
import type { LineLook } from '../editor/line-editor.js';
import { sessionCommandNames } from '../session.js';
import { writtenTime } from '../time/time-context.js';
import { parseTime, type TimeContext } from '../time/time-expression.js';
import { typedLine, type TypedLine, type TypedWord } from './typed-line.js';

const nothing: LineLook = { spans: [], hint: '' };

/** Looks at a line. Never fails: of what cannot be read there is nothing to say. */
export async function lookAt(
  line: string,
  colours: Colours,
  times: TimeContext,
): Promise<LineLook> {
  try {
    // Of lines that were pasted together each would need a look of its own.
    return line.includes('\n') ? nothing : await look(typedLine(line), colours, times);
  } catch {
    return nothing;
  }
}

async function look(line: TypedLine, colours: Colours, times: TimeContext): Promise<LineLook> {
  const [verb, ...rest] = line.words;
  if (verb === undefined || verb.typed === '') return nothing;
  const name = String(verb.value);
  const isFirst = rest.length === 0;
  const usage = dotCommandUsage(name);
  if (usage !== undefined) {
    const wanted = usage === '' ? undefined : wantedOf(usage);
    const hint = isFirst ? ` ${usage}` : await hintFor(rest, wanted, '', times);
    return { spans: [span(verb, colours.bold)], hint: hint.trimEnd() };
  }
  const names = sessionCommandNames();
  if (!names.includes(name)) {
    const isBegun =
      isFirst && (name.startsWith('.') || names.some((other) => other.startsWith(name)));
    return isBegun ? nothing : { spans: [span(verb, colours.red)], hint: '' };
  }
  const verbSpan = span(verb, colours.bold);
  if (name === 'help') return { spans: [verbSpan], hint: isFirst ? ' [COMMAND|time]' : '' };
  const declared = await declarationsOf(name);
  const tokens = rest.filter(({ typed }) => typed !== '').map(({ value }) => value);
  const { roles, missing } = wordsOf(tokens, declared);
  const spans = rest.flatMap((word, index) => spansOf(word, roles[index], colours));
  return { spans: [verbSpan, ...spans], hint: await hintOf(rest, declared, missing, times) };
}

/** What a session's command declares. */
export async function declarationsOf(name: string): Promise<Declared> {
  const { args, choices, flags, baseFlags } = await commandClass(name);
  return { args, choices, flags: { ...baseFlags, ...flags } };
}

async function hintOf(
  words: readonly TypedWord[],
  declared: Declared,
  missing: string,
  times: TimeContext,
): Promise<string> {
  // As if the word that is being typed were there.
  const role = wordsOf(
    words.map(({ value }) => value),
    declared,
  ).roles.at(-1);
  const last = words.at(-1);
  if (role === undefined || last === undefined) return missing === '' ? '' : ` ${missing}`;
  if (role.kind === 'argument') return hintFor(words, role.wanted, missing, times);
  if (role.kind === 'value') return hintFor(words, role.wanted, '', times);
  if (role.kind !== 'option') return '';
  if (role.value !== undefined) {
    const value = String(last.value).slice(role.value.start);
    return value === '' ? role.value.wanted.name : resolved(value, role.value.wanted, times);
  }
  const awaited = wordsOf([last.value, ''], declared).roles[1];
  return awaited?.kind === 'value' ? ` ${awaited.wanted.name}` : '';
}

/** What is wanted, while nothing is typed of it; then what a time comes to, or what is missing. */
async function hintFor(
  words: readonly TypedWord[],
  wanted: Wanted | undefined,
  missing: string,
  times: TimeContext,
): Promise<string> {
  const last = words.at(-1);
  if (last === undefined || wanted === undefined) return '';
  if (last.typed === '') return missing === '' ? wanted.name : missing;
  const time = await resolved(String(last.value), wanted, times);
  return time === '' && missing !== '' ? ` ${missing}` : time;
}

/** The local time that a time expression comes to, where that is not what is written. */
async function resolved(text: string, wanted: Wanted, times: TimeContext): Promise<string> {
  if (wanted.kind !== 'time') return '';
  try {
    const time = await parseTime(text, times);
    // Nobody asks for the fraction of the second that it is now.
    const written = await writtenTime(isByTheClock(text) ? wholeSecond(time) : time, times);
    return written === text.replace('T', ' ') ? '' : ` → ${written}`;
  } catch {
    // Half a time is none.
    return '';
  }
}

function isByTheClock(text: string): boolean {
  return /^now|^[+-]|ago$/i.test(text) && !/^-?\d+$/.test(text);
}

function wholeSecond(microseconds: number): number {
  return Math.floor(microseconds / 1e6) * 1e6;
}

function spansOf(word: TypedWord, role: Role | undefined, colours: Colours): Span[] {
  const paint = role === undefined ? undefined : paintOf(word, role, colours);
  return paint === undefined ? [] : [span(word, paint)];
}

function paintOf(word: TypedWord, role: Role, colours: Colours): Paint | undefined {
  if (role.kind === 'option') return role.isKnown ? colours.cyan : colours.red;
  if (role.kind === 'separator') return colours.cyan;
  if (role.wanted?.kind === 'time') return colours.magenta;
  return /^["']/.test(word.typed) ? colours.green : undefined;
}

function span({ start, end }: TypedWord, paint: Paint): Span {
  return { start, end, paint };
}
