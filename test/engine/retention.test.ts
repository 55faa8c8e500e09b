import { describe, expect, it } from 'vitest';
import type { LiveFiles } from '../../src/engine/live-files.js';
import { retentionOf } from '../../src/engine/retention.js';

/** A store whose horizon was moved at seq 10, and whose log begins behind `loggedFrom`. */
function filesWith(loggedFrom: number): LiveFiles {
  const row = { keepFor: 1, keepVersions: null, horizon: 5, seq: 10, marksKeys: 0 };
  return {
    manifest: { retention: [row], segments: [] },
    log: { generations: [{ file: { header: { baseSeq: loggedFrom } } }] },
  } as unknown as LiveFiles;
}

describe('what a merge may let go', () => {
  it('is what lies before the horizon, once all that was committed before it is in segments', () => {
    const all = { horizon: 5, isWhole: true, keep: undefined };
    expect(retentionOf(filesWith(10), [], undefined)).toEqual(all);
  });

  it('is nothing while some of that is in the log', () => {
    expect(retentionOf(filesWith(9), [], undefined)).toBeUndefined();
  });
});
