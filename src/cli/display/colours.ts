/** Colour, where it is wanted. */

type Paint = (text: string) => string;

export interface Colours {
  readonly bold: Paint;
  readonly cyan: Paint;
  readonly dim: Paint;
  readonly green: Paint;
  readonly magenta: Paint;
  readonly red: Paint;
}

const same: Paint = (text) => text;
const plain: Colours = { bold: same, cyan: same, dim: same, green: same, magenta: same, red: same };

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
