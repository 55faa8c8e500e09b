/** The file of `--token-file`. */
import { usageError } from '../cli/base/cli-error.js';

/** What can stand in a header, and is long enough that nobody guesses it. */
const form = /^[\x21-\x7e]{16,512}$/;

/**
 * The tokens in a file, one a line; several, so that an old one can go on while a new one is handed out.
 * @throws a refusal that does not tell what stands there
 */
export function tokensIn(text: string, path: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  const tokens = lines.filter((line) => line !== '');
  const wrong = lines.findIndex((line) => line !== '' && !form.test(line));
  if (tokens.length > 0 && wrong === -1) return tokens;
  const fault = wrong === -1 ? 'has no token' : `has no token in line ${wrong + 1}`;
  throw usageError(
    `${path} ${fault}: 16 to 512 letters, digits and signs without a space; one is made by: openssl rand -hex 32`,
  );
}
