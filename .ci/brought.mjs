/** Pages that are made from something else: written anew, or compared with what they should be. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { readIfThere } from './read-if-there.mjs';

/**
 * @param page its path below `root`, its text (formatted here), and `isCheck`: to compare only; what
 *   differs is told on stderr, and lets the process end with 1
 */
export async function brought({ root, file, text, isCheck }) {
  const path = join(root, file);
  const options = await resolveConfig(path);
  const wanted = await format(text, { ...options, filepath: path });
  if (!isCheck) {
    writeFileSync(path, wanted);
    console.log(`wrote ${file}`);
    return;
  }
  if (readIfThere(path) === wanted) return;
  console.error(`${file} is out of date; run: npm run manifest`);
  process.exitCode = 1;
}
