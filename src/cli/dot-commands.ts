/** What a session can be told about itself. */
import { usageError } from './cli-error.js';
import { formats, parseFormat, type Format } from './look.js';
import { helpPage } from './help.js';
import type { Host } from './host.js';
import { suggestion, type Token } from './tokens.js';

export interface ReplState {
  /** Format of rows, where one was chosen. */
  format: Format | undefined;
  /** Tell how long each command takes. */
  isTimed: boolean;
}

const summaries: Record<string, string> = {
  '.format F': `format of rows: ${formats.join(', ')}`,
  '.timing': 'tell how long each command takes, or no longer',
  '.help [COMMAND|time]': 'this, or the page of a command',
  '.exit': 'leave (also Ctrl-D)',
};

export const dotCommandNames = Object.keys(summaries).map((usage) => usage.replace(/ .*/, ''));

/**
 * Obeys a command that begins with a dot.
 * @returns true if the session is to end
 */
export async function dotCommand(
  tokens: readonly Token[],
  state: ReplState,
  host: Host,
): Promise<boolean> {
  const [name = '', argument, ...rest] = tokens.map(String);
  if (rest.length > 0) throw usageError(`${name} takes one word at most`);
  switch (name) {
    case '.exit':
      return true;
    case '.help':
      await host.output.write(argument === undefined ? overview() : await helpPage(argument));
      await host.output.flush();
      return false;
    case '.format':
      if (argument === undefined) throw usageError(`.format needs one of ${formats.join(', ')}`);
      state.format = parseFormat(argument, name);
      return false;
    case '.timing':
      state.isTimed = !state.isTimed;
      host.message(`timing is ${state.isTimed ? 'on' : 'off'}`);
      return false;
    default: {
      const hint = suggestion(name, dotCommandNames, 'see .help');
      throw usageError(`${JSON.stringify(name)} is no command; ${hint}`);
    }
  }
}

function overview(): string {
  const lines = Object.entries(summaries).map(([usage, text]) => `  ${usage.padEnd(22)}${text}\n`);
  return `Every command of timekv, written without \`timekv\` (see: .help COMMAND), and\n${lines.join('')}`;
}
