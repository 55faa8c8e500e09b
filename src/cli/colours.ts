/** Colour, where it is wanted. */

export interface Colours {
  bold(text: string): string;
}

const plain: Colours = { bold: (text) => text };

/** The colours, loaded only where they are used. */
export async function colours(areWanted: boolean): Promise<Colours> {
  if (!areWanted) return plain;
  const { Chalk } = await import('chalk');
  return new Chalk({ level: 1 });
}

/**
 * Whether a stream is written in colour: `--no-color`, then `FORCE_COLOR`, then `NO_COLOR`, then
 * whether it is a terminal that can.
 */
export function isColoured(
  isTerminal: boolean,
  isRefused: boolean,
  environment: NodeJS.ProcessEnv,
): boolean {
  const forced = environment['FORCE_COLOR'];
  if (isRefused) return false;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if ((environment['NO_COLOR'] ?? '') !== '') return false;
  return isTerminal && environment['TERM'] !== 'dumb';
}
