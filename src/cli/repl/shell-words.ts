/** The words of a shell's line, as far as it has been typed: quoting is bash's, and nothing is run. */

export interface ShellWord {
  text: string;
  /** As it is typed. */
  typed: string;
  /** The quote that is still open. */
  open: '"' | "'" | undefined;
}

/** Splits a line at blanks. The last word is the one that is being typed: empty behind a blank. */
export function shellWords(line: string): ShellWord[] {
  const words: ShellWord[] = [];
  let start = 0;
  let text = '';
  let open: ShellWord['open'];
  const end = (place: number): void => {
    words.push({ text, typed: line.slice(start, place), open });
    text = '';
  };
  for (let place = 0; place < line.length; place += 1) {
    const character = line.charAt(place);
    if (open === undefined && /\s/.test(character)) {
      if (place > start) end(place);
      start = place + 1;
    } else if (character === '\\' && open !== "'" && place + 1 < line.length) {
      const next = line.charAt(place + 1);
      // Within double quotes a backslash stands for itself before all but these.
      text += open === '"' && !/["\\$`]/.test(next) ? `\\${next}` : next;
      place += 1;
    } else if (character === open) {
      open = undefined;
    } else if (open === undefined && (character === '"' || character === "'")) {
      open = character;
    } else {
      text += character;
    }
  }
  end(line.length);
  return words;
}

/** A text as it has to be typed in bash, within the quote that is open. */
export function bashTyped(text: string, open: ShellWord['open']): string {
  if (open === '"') return `"${text.replace(/["\\$`]/g, '\\$&')}`;
  if (open === "'") return `'${text.replaceAll("'", `'\\''`)}`;
  return text.replace(/[^\p{L}\p{N}_@%+=:,./-]/gu, '\\$&');
}

/** `~/` and `$NAME` at the beginning of a path, which no shell has replaced yet. */
export function expandedPath(path: string, environment: NodeJS.ProcessEnv): string {
  return path
    .replace(/^~(?=\/|$)/, environment['HOME'] ?? '~')
    .replace(/^\$(?:(\w+)|\{(\w+)\})/, (whole, plain?: string, braced?: string) => {
      return environment[plain ?? braced ?? ''] ?? whole;
    });
}
