/** A manifest with something in every column. */
import type { SegmentProperties } from '../../src/base/segment-properties.js';
import type { Loss, Manifest, WalRow } from '../../src/catalog/manifest.js';

const traits = {
  erasures: 5,
  historyErasures: 3,
  expiries: 7,
  heldValues: 2,
  marks: 3,
  lastMark: -9,
  heldVersions: 1,
  expiredTo: { key: Buffer.from([0xff, 1]), timestamp: -9 },
};

function segment(number: number): SegmentProperties {
  return {
    id: String(number).padStart(32, '0'),
    bytes: 4096 * number,
    entries: 100 * number,
    keys: 10 * number,
    minKey: Buffer.from([0, 0xff, number]),
    maxKey: Buffer.from('zürich'),
    minTimestamp: -(2 ** 53) + number,
    maxTimestamp: 2 ** 53 - number,
    minSeq: 1000 * number,
    maxSeq: 1000 * number + 99,
    userBytes: 3000 + number,
    checksum: 2 ** 32 - number,
    traits: number === 1 ? undefined : traits,
  };
}

function wal(generation: number, state: 'live' | 'kept'): WalRow {
  return { generation, suffix: String(generation).padStart(16, 'a'), state, bytes: generation };
}

function loss(number: number): Loss {
  const lost = `versions of key ${number}`;
  return { acceptedAt: number, file: `${number}.seg`, minSeq: number, maxSeq: 2 * number, lost };
}

export const manifest: Manifest = {
  settings: { storeId: 'ab'.repeat(16), unit: 'us', createdAt: 1_700_000_000_000_000 },
  epoch: 1,
  segments: [segment(1), segment(2)],
  wals: [wal(1, 'kept'), wal(2, 'live')],
  losses: [loss(1), loss(2)],
  emptied: [
    { minSeq: 3, maxSeq: 4 },
    { minSeq: 1, maxSeq: 2 },
  ],
  snapshots: [
    { name: 'one', seq: 7, now: -3, horizon: null, createdAt: 9 },
    { name: 'two', seq: 0, now: 0, horizon: -6, createdAt: 8 },
  ],
  retention: [{ keepFor: 5, keepVersions: null, horizon: -7, seq: 6, marksKeys: 1 }],
  backups: [
    { storeId: 'cd'.repeat(16), seq: 5, snapshot: 'one', madeAt: 11 },
    { storeId: 'ef'.repeat(16), seq: 4, snapshot: '', madeAt: 12 },
  ],
  origins: [{ storeId: '12'.repeat(16) }, { storeId: '34'.repeat(16) }],
};
