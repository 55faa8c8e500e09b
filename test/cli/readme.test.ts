/** What the README shows is what happens. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { run, shell } from './support/timekv.js';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

it('the session prints what it says', async () => {
  const session = /^```console\n(.*?)^```$/ms.exec(readme)?.[1] ?? '';
  const directory = join(temporaryDirectory(), 'store');
  const commands = session.split('\n').filter((line) => line.startsWith('$ '));
  expect(commands.length).toBeGreaterThan(5);
  // Each command is printed before it runs, as a terminal would show it.
  const script = commands.map((line) => `cat <<'shown'\n${line}\nshown\n${line.slice(2)}`);
  const { code, stdout, stderr } = await shell(directory, script.join('\n'));
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: session, stderr: '' });
});

it('the loop over keys reads each of them', async () => {
  const directory = join(temporaryDirectory(), 'store');
  const input = 'key,timestamp,value\n-x,1,hyphen\n--json,1,option\n" y ",1,blanks\nz,1,plain\n';
  await run(directory, ['import'], { input });
  const loop = /^timekv keys \| while .*$/m.exec(readme)?.[0] ?? '';
  const { code, stdout, stderr } = await shell(directory, loop);
  const values = 'blanks\noption\nhyphen\nplain\n';
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: values, stderr: '' });
});
