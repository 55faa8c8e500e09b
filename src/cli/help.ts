/** Help, rendered by oclif from the declarations of the commands. */
import type { Config } from '@oclif/core/config';
import { usageError } from './base/cli-error.js';
import { commandNames } from './command-table.js';
import { suggestion } from './tokens.js';

const timeHelp = `TIMES
  1700000000000000, -5           an integer in the store's unit, as it stands
  @1700000000, @1700000000.25    seconds since 1970; with a unit: @1700000000123ms, @…us, @…ns
  2026-03-29, 2026-03-29T01:00   local time (--tz, else $TZ, else the system's zone);
  '2026-03-29 01:00:00.25'       missing parts are 0
  2026-03-29T01:00Z, …+02:00     with its zone; also 2026-03-29T01:00[Europe/Berlin]
  now, today, yesterday          by the clock; also tomorrow
  -2h, +30m, '2h ago', now-7d    relative to now

  What is finer than a microsecond is rounded down. A local time that does not exist or exists
  twice is refused, naming both instants. In a tick store a time is a plain integer.

DURATIONS
  250ms, 30s, 15m, 2h, 7d, 2w, 1h30m, P1DT2H

EXAMPLES
  $ timekv get price -2h
  $ timekv set price 8.50 '2026-03-29 01:00' --tz Europe/Berlin
  $ timekv history price --from @1700000000 --to now
`;

const helpWords = new Set(['help', '--help', '-h']);

/** The page for a command, for \`time\`, or for timekv as a whole. */
export async function helpPage(topic: string | undefined): Promise<string> {
  if (topic === undefined || helpWords.has(topic)) return rootHelp();
  if (topic === 'time') return timeHelp;
  const topics = [...commandNames(), 'time'];
  if (topics.includes(topic)) return commandHelp(topic);
  const hint = suggestion(topic, topics, 'see: timekv help');
  throw usageError(`there is no help on ${JSON.stringify(topic)}; ${hint}`);
}

async function commandHelp(name: string): Promise<string> {
  const { help, config } = await renderer();
  const command = config.findCommand(name, { must: true });
  return `${help.page(command)}\n`;
}

export async function packageVersion(): Promise<string> {
  const { config } = await renderer();
  return config.version;
}

async function rootHelp(): Promise<string> {
  const { help } = await renderer();
  return `${help.root()}\nTOPICS\n  help COMMAND  the options of a command, with examples\n  help time     how times are written\n`;
}

async function renderer() {
  const [{ Config }, { PageHelp }] = await Promise.all([
    import('@oclif/core/config'),
    import('./page-help.js'),
  ]);
  // Found from here upwards: this file lies deeper where it is bundled.
  const config: Config = await Config.load(import.meta.url);
  return { config, help: new PageHelp(config) };
}
