/** Directories of separators that come in any order. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { Directory, DirectoryBuilder, type Separator } from '../../../src/segment/directory.js';
import { keys, timestamps } from './arbitraries.js';
import { compareEntries, type Place } from './segments.js';

export const separators: fc.Arbitrary<Separator[]> = fc
  .array(
    fc.oneof(
      fc.record({ key: keys, timestamp: fc.constant(Infinity), seq: fc.constant(Infinity) }),
      fc.record({ key: keys, timestamp: timestamps, seq: fc.constant(Infinity) }),
      fc.record({ key: keys, timestamp: timestamps, seq: fc.nat() }),
    ),
    { minLength: 1, maxLength: 80, size: 'max' },
  )
  .map((all) =>
    all
      .sort(compareEntries)
      .filter((each, i) => i === 0 || compareEntries(all[i - 1] as Place, each) < 0),
  );

export function directoryOf(all: Separator[]): Directory {
  const builder = new DirectoryBuilder();
  for (const [i, separator] of all.entries()) {
    const inflatedLength = i % 3 === 1 ? 8000 + i : 0;
    const offset = 64 + 4096 * i;
    const handle = { offset, length: 4000 + i, checksum: 2 ** 32 - 1 - i, inflatedLength };
    // Every other one without bounds, as for filter blocks.
    builder.add(separator, handle, i % 2 ? undefined : { minTimestamp: 0 - i, maxTimestamp: i });
  }
  expect(builder.count).toBe(all.length);
  const directory = new Directory();
  directory.open(Buffer.from(builder.finish()), 'a file', 0);
  expect(builder.count).toBe(0);
  return directory;
}
