/** Rows of CSV that are taken as the bytes that they are, beside the same rows read with care. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { importRecords } from '../../src/cli/input/import-rows.js';
import { recordsOf } from '../../src/cli/input/row-input.js';
import { parseTime } from '../../src/cli/time/time-expression.js';
import { open } from '../../src/index.js';

/** What an import of the text leaves, and says. */
async function imported(lines: readonly Buffer[], unit: 'us' | 'tick'): Promise<unknown> {
  let now = 1_000;
  const clock = { now: () => ++now };
  const store = await open(':memory:', { codec: 'bytes', unit, clock });
  const bad: string[] = [];
  async function* chunks(): AsyncGenerator<Buffer> {
    await Promise.resolve();
    yield Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
  }
  const names = { key: 'key', time: undefined, value: 'value' };
  const outcome = await importRecords(store, recordsOf(chunks(), 'csv', names), {
    skipBad: true,
    ttl: undefined,
    readTime: (text) => parseTime(text, { unit, zone: 'UTC', now: () => 5 }),
    onBadRow: (message) => bad.push(message),
    onInterrupted: (message) => bad.push(message),
    onProgress: () => undefined,
    signal: new AbortController().signal,
  }).catch((error: unknown) => (error as Error).message); // No tick comes after the last one.
  const versions = [...store.versions()].map(({ key, timestamp, seq, value, expiresAt }) => [
    [key, timestamp, seq, expiresAt],
    value?.toString('latin1'),
  ]);
  return { outcome, bad, versions };
}

const cell = fc.oneof(
  fc.constantFrom('', 'a', 'b', 'ü', 'x'.repeat(40), 'k'.repeat(2048), 'k'.repeat(2049), '\r'),
  fc.string({ maxLength: 5, unit: fc.constantFrom('a', 'b', '/', ' ', '0', '\u00ff', '😀') }),
);
const time = fc.oneof(
  fc.integer({ min: -20, max: 20 }).map(String),
  fc.constantFrom(
    '',
    '-',
    '007',
    ' 7',
    '-0',
    '9007199254740991',
    '9007199254740992',
    '1e3',
    'soon',
  ),
);
const row = fc
  .tuple(
    cell,
    time,
    cell,
    fc.constantFrom('', '', '', 'value', 'deleted'),
    fc.constantFrom('', '', '30'),
  )
  .map((cells) => Buffer.from(cells.join(',')));
/** Cells too few or too many, and bytes that are no UTF-8. */
const odd = fc.constantFrom('a,1', 'a,1,x,,,,', '', '\r').map((text) => Buffer.from(text));
const broken = fc.constant(Buffer.from([0x61, 0xff, 0x2c, 0x31, 0x2c, 0xff, 0x2c, 0x2c]));

it('plain rows are what careful reading makes of them', async () => {
  const rows = fc.array(fc.oneof({ weight: 8, arbitrary: row }, odd, broken), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(rows, fc.constantFrom('us', 'tick' as const), async (lines, unit) => {
      const file = (note: string): Buffer[] =>
        [Buffer.from('key,timestamp,value,state,expiresAt'), ...lines].map((line, number) =>
          // A quote in a column that nobody asks for is reason enough to look twice.
          Buffer.concat([line, Buffer.from(number === 0 ? ',note' : `,${note}`)]),
        );
      expect(await imported(file('x'), unit)).toEqual(await imported(file('"x"'), unit));
    }),
    { numRuns: 300 },
  );
});
