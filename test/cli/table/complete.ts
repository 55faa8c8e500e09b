/** What the table lacks: options, arguments and choices of the manifest that no row has. */
import { readByOurs } from './both-parsers.js';
import type { Row } from './row.js';

interface Flag {
  type: 'boolean' | 'option';
  /** Where it is a choice: `full|process`. */
  helpValue?: string;
}

/** The commands as oclif's manifest has them. */
export type Commands = Record<
  string,
  { flags: Record<string, Flag>; args: Record<string, { required?: boolean }> }
>;

/** What is refused in a process without a terminal, however it is written. */
const refusedAlways = [
  /^serve /, // It goes on until it is stopped: test/http.
  /^browse /, // Screens are seen in test/cli/browse.
  /^(batch|repl) --format (table|ndjson|csv)$/,
  /^revert without key$/, // It needs a TIME, which moves up where there is no KEY.
];

/**
 * What no row has, a line each. A row has an option if it is not refused with it; what is always
 * refused has to be seen to be.
 */
export async function missingFrom(
  commands: Commands,
  rows: readonly Row[],
): Promise<{ missing: string[]; unexpected: string[] }> {
  const answered = new Set<string>();
  const refused = new Set<string>();
  for (const row of rows.filter(({ words: [name = ''] }) => name in commands)) {
    for (const use of await usesOf(row.words)) (row.code === 2 ? refused : answered).add(use);
  }
  const isRefused = (use: string): boolean => refusedAlways.some((pattern) => pattern.test(use));
  const wanted = Object.entries(commands).flatMap(usesIn);
  return {
    missing: wanted.filter((use) => !(isRefused(use) ? refused : answered).has(use)),
    unexpected: [...answered].filter(isRefused),
  };
}

/** All that may be written behind a command. */
function usesIn([name, { flags, args }]: [string, Commands[string]]): string[] {
  const options = Object.entries(flags).flatMap(([flag, { helpValue = '' }]) => {
    const isChoice = /^[a-z]+(\|[a-z]+)+$/.test(helpValue);
    return isChoice ? helpValue.split('|').map((choice) => `--${flag} ${choice}`) : [`--${flag}`];
  });
  const places = Object.entries(args).flatMap(([arg, { required = false }]) =>
    required ? [arg] : [arg, `without ${arg}`],
  );
  return [...options, ...places].map((use) => `${name} ${use}`);
}

/** What is written in a row. */
async function usesOf(words: readonly string[]): Promise<string[]> {
  const read = await readByOurs(words);
  if (read === undefined) return [];
  const { args, flags, declared } = read;
  const options = Object.entries(flags).flatMap(([flag, value]) => [
    `--${flag}`,
    `--${flag} ${String(value)}`,
  ]);
  const places = declared.map((arg) => (arg in args ? arg : `without ${arg}`));
  return [...options, ...places].map((use) => `${words[0] ?? ''} ${use}`);
}
