/** What a session can be told about itself. */
import { usageError } from '../base/cli-error.js';
import { formats, parseFormat, type Format } from '../base/look.js';
import { helpPage } from '../help.js';
import type { Host } from '../base/host.js';
import { paged } from '../display/paged.js';
import { writtenTime } from '../time/time-context.js';
import { parseTime, type TimeContext } from '../time/time-expression.js';
import { suggestion, type Token } from '../tokens.js';

export interface ReplState {
  /** Format of rows, where one was chosen. */
  format: Format | undefined;
  /** Tell how long each command takes. */
  isTimed: boolean;
  /** The time that the session is pinned to, and how it is written. */
  asOf: { time: number; written: string } | undefined;
}

/** What dot commands act on. */
export interface DotContext {
  state: ReplState;
  host: Host;
  /** By the clock, whatever the session is pinned to. */
  times: TimeContext;
}

interface DotCommand {
  usage: string;
  summary: string;
  /** Answers true if the session is to end. */
  run(argument: string | undefined, context: DotContext): Promise<boolean> | boolean;
}

const dotCommands: Readonly<Record<string, DotCommand>> = {
  '.asof': {
    usage: 'TIME',
    summary: 'read as of then, and write nothing; `.asof now` or `.asof` alone ends it',
    run: async (argument, { state, times }) => {
      const isEnd = argument === undefined || /^now$/i.test(argument);
      if (isEnd) {
        state.asOf = undefined;
      } else {
        const time = await parseTime(argument, times);
        state.asOf = { time, written: await writtenTime(time, times) };
      }
      return false;
    },
  },
  '.format': {
    usage: formats.join('|'),
    summary: 'format of rows',
    run: (argument, { state }) => {
      if (argument === undefined) throw usageError(`.format needs one of ${formats.join(', ')}`);
      state.format = parseFormat(argument, '.format');
      return false;
    },
  },
  '.timing': {
    usage: '',
    summary: 'tell how long each command takes, or no longer',
    run: (_, { state, host }) => {
      state.isTimed = !state.isTimed;
      host.message(`timing is ${state.isTimed ? 'on' : 'off'}`);
      return false;
    },
  },
  '.help': {
    usage: '[COMMAND|time]',
    summary: 'this, or the page of a command',
    run: async (argument, { host }) => {
      const page = argument === undefined ? overview() : await helpPage(argument);
      await paged(host, async ({ output }) => output.write(page));
      return false;
    },
  },
  '.exit': { usage: '', summary: 'leave (also Ctrl-D)', run: () => true },
};

export const dotCommandNames = Object.keys(dotCommands);

/** What may follow a command that begins with a dot; undefined where there is no such command. */
export function dotCommandUsage(name: string): string | undefined {
  return Object.hasOwn(dotCommands, name) ? dotCommands[name]?.usage : undefined;
}

/**
 * Obeys a command that begins with a dot.
 * @returns true if the session is to end
 */
export async function dotCommand(tokens: readonly Token[], context: DotContext): Promise<boolean> {
  const [name = '', ...words] = tokens.map(String);
  const command = Object.hasOwn(dotCommands, name) ? dotCommands[name] : undefined;
  if (command === undefined) {
    const hint = suggestion(name, dotCommandNames, 'see .help');
    throw usageError(`${JSON.stringify(name)} is no command; ${hint}`);
  }
  // A time may have a blank in it, and nothing can follow it here.
  const [argument, ...rest] = name === '.asof' && words.length > 0 ? [words.join(' ')] : words;
  if (rest.length > 0) throw usageError(`${name} takes one word at most`);
  return command.run(argument, context);
}

function overview(): string {
  const lines = Object.entries(dotCommands).map(([name, { usage, summary }]) => {
    const shown = name === '.format' ? 'F' : usage;
    return `  ${`${name} ${shown}`.padEnd(22)}${summary}\n`;
  });
  return `Every command of timekv, written without \`timekv\` (see: .help COMMAND), and\n${lines.join('')}
  .format knows ${formats.join(', ')}. While a session is pinned, now is that time: -1d is
  a day before it.
`;
}
