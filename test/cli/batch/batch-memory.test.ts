/** How much memory lines of input take, whatever is in them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { run } from '../support/timekv.js';

const MiB = 1024 * 1024;
const tellPeak = fileURLToPath(new URL('../../support/programs/tell-peak.mjs', import.meta.url));

/** Runs a batch in a fresh store; tells the peak of its memory in MiB too. */
async function batch(input: string | Buffer, ...options: string[]) {
  const directory = temporaryDirectory();
  const TELL_PEAK_TO = join(directory, 'peak');
  const environment = { NODE_OPTIONS: `--import=${tellPeak}`, TELL_PEAK_TO };
  const args = ['batch', ...options];
  const outcome = await run(join(directory, 'store'), args, { input, environment });
  return { ...outcome, peak: Number(readFileSync(TELL_PEAK_TO, 'utf8')) / MiB };
}

/** Rule 9 of the contract, for a memory tier of 64 MiB. */
async function bound(largestValue: number): Promise<number> {
  const { peak } = await batch('');
  return peak + 1.25 * 64 + 3 * (largestValue / MiB) + 48;
}

describe('a batch holds little', { timeout: 120_000 }, () => {
  it('of a long line', async () => {
    const most = await bound(16 * MiB);
    const plain = await batch(`set k ${'x'.repeat(16 * MiB)}\n`);
    expect(plain).toMatchObject({ code: 0, stderr: '' });
    expect(plain.peak).toBeLessThan(most);
    // The line itself takes four bytes for each byte of the value.
    const escaped = await batch(`set k "${'\\xff'.repeat(16 * MiB)}"\n`);
    expect(escaped).toMatchObject({ code: 0, stderr: '' });
    expect(escaped.peak).toBeLessThan(most + 64);
  });

  it('of many lines with large values', async () => {
    const line = (key: number): string => `set k${key} ${'x'.repeat(MiB)}\n`;
    const lines = Array.from({ length: 120 }, (_, key) => line(key)).join('');
    const outcome = await batch(lines);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.peak).toBeLessThan(await bound(MiB));
    const atomic = await batch(lines, '--atomic');
    expect(atomic).toMatchObject({ code: 2, stdout: '' });
    expect(atomic.stderr).toMatch(/^line 64: an atomic batch has at most .* 64 MiB/);
    expect(atomic.peak).toBeLessThan(await bound(16 * MiB));
  });

  it('of the answers of an atomic batch', async () => {
    const reads = Array.from({ length: 70 }, () => `get k --default ${'x'.repeat(MiB)}\n`);
    const atomic = await batch(reads.join(''), '--atomic');
    expect(atomic).toMatchObject({ code: 2, stdout: '' });
    expect(atomic.stderr).toMatch(/^line 64: the answers of an atomic batch come to more than/);
  });
});
