import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The XDG rules: a relative or empty path counts as not set. */
export function baseDirectory(variable: string | undefined, fallback: string): string {
  return variable !== undefined && isAbsolute(variable) ? variable : join(homedir(), fallback);
}
