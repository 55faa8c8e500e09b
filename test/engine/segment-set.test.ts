/** Which segments a look-up opens at all. */
import { expect, it } from 'vitest';
import { segmentPath } from '../../src/disk/names.js';
import { SegmentSet } from '../../src/engine/segment-set.js';
import { findInSegments } from '../../src/engine/view.js';
import { BlockCache } from '../../src/segment/block-cache.js';
import { MemoryFileSystem } from '../segment/support/memory-file-system.js';
import { entryOf, segmentId, storeId, writeSegment } from '../segment/support/segments.js';

it('opens none whose ranges rule it out', async () => {
  const fileSystem = new MemoryFileSystem();
  const entries = [3, 2, 1].map((timestamp) => entryOf({ key: 'm', timestamp, seq: timestamp }));
  const path = segmentPath('d', segmentId);
  const properties = await writeSegment(fileSystem, path, entries);
  const cache = new BlockCache(1024 * 1024);
  const segments = new SegmentSet({ fileSystem, directory: 'd', storeIds: [storeId], cache });
  segments.update([properties]);
  const find = (key: string, timestamp: number) =>
    findInSegments(segments.handles, { key: Buffer.from(key), timestamp }, undefined);
  fileSystem.calls.length = 0;
  expect([find('m', 0), find('a', 5), find('z', 5)]).toEqual([undefined, undefined, undefined]);
  expect(fileSystem.calls).toEqual([]);
  // But not because the segment ends before the time asked for.
  expect(find('m', 1e9)?.timestamp).toBe(3);
  segments.close();
});
