/** Rule 9 for the command line, with V8 as it comes: resident memory stays within the bound. */
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { spawn } from 'node:child_process';
import { beforeAll, describe, expect, test } from 'vitest';
import { packageRoot, start } from '../support/child.js';
import { say } from '../support/say.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { environmentFor, runPath } from './support/timekv.js';

const MiB = 2 ** 20;
const memory = 8 * MiB;
/** What V8's compiler holds beside, in threads of its own, from Node 24 on; measured: 5 to 12 MiB. */
const compilersOwn = Number(process.versions.node.split('.')[0]) < 24 ? 0 : 16 * MiB;
const rows = 80_000;
const valueBytes = 1000;
const parent = temporaryDirectory();
const directory = join(parent, 'store');
const file = join(parent, 'rows.ndjson');

/** Ten times the memory tier: four versions each of 20,000 keys. */
function* lines(): Generator<string> {
  const filler = 'v'.repeat(valueBytes);
  for (let row = 0; row < rows; row += 1) {
    const key = `key/${String(row % 20_000).padStart(8, '0')}`;
    const value = `${row}:`.padEnd(valueBytes, filler);
    yield `${JSON.stringify({ key, timestamp: Math.floor(row / 20_000), value })}\n`;
  }
}

/** Runs a command with its output thrown away; answers the peak of its memory in bytes. */
async function peakOf(args: readonly string[]): Promise<number> {
  const told = join(parent, 'peak');
  const hook = join(packageRoot, 'test/support/programs/tell-peak.mjs');
  const child = spawn(process.execPath, ['--import', hook, runPath, ...args, '--memory', '8MiB'], {
    env: environmentFor(directory, { TELL_PEAK_TO: told }),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  expect(await once(child, 'exit')).toEqual([0, null]);
  return Number(readFileSync(told, 'utf8'));
}

describe('a store ten times larger than the memory tier', () => {
  let bound = 0;

  beforeAll(async () => {
    const bare = await start('bare', {}).answer<{ peak: number }>();
    bound = bare.peak + 1.25 * memory + 3 * valueBytes + 48 * MiB + compilersOwn;
    await pipeline(Readable.from(lines()), createWriteStream(file));
  });

  test.each([
    ['import', ['import', file, '--durability', 'process']],
    ['scan', ['scan', '--at', '2']],
    ['export', ['export']],
    ['compact', ['compact', '--full']],
    ['scan of one segment', ['scan', '--reverse']],
    ['history', ['history', 'key/00000007']],
  ])('%s stays within the bound', { timeout: 120_000 }, async (name, args) => {
    const peak = await peakOf(args);
    say(`${name}: peak ${Math.round(peak / MiB)} of at most ${Math.round(bound / MiB)} MiB`);
    expect(peak).toBeLessThanOrEqual(bound);
  });
});
