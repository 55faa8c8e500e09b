/** The truth about live files, as plain values; `catalog.ts` keeps it in SQLite. */
import { crc32 } from '../base/bytes.js';
import type { SegmentProperties, SegmentTraits } from '../base/segment-properties.js';

export interface WalRow {
  generation: number;
  suffix: string;
  /** `live`: holds what no segment has. `kept`: flushed, kept for watchers. */
  state: 'live' | 'kept';
  /** 0 for the file that is still written. */
  bytes: number;
}

export interface Settings {
  /** 32 hex digits, new for each store. */
  storeId: string;
  unit: 'us' | 'tick';
  /** Microseconds since 1970. */
  createdAt: number;
}

/** What was damaged and put aside: nothing can answer from it any more. */
export interface Loss {
  /** When that was accepted, microseconds since 1970. */
  acceptedAt: number;
  /** The damaged file, which lies in `quarantine/`. */
  file: string;
  /** What was lost lies among these seqs. */
  minSeq: number;
  maxSeq: number;
  /** In words. */
  lost: string;
}

export interface Manifest {
  settings: Settings;
  /** Counts the changes of the catalog. */
  epoch: number;
  /** In commit order: the ranges of seq neither overlap nor go back. */
  segments: SegmentProperties[];
  /** By generation. The first live one is where the log begins; its seals lead to the others. */
  wals: WalRow[];
  /** In the order in which they were accepted. */
  losses: Loss[];
  /** Seqs of which nothing is left: all that had them was erased. In the order in which that was done. */
  emptied: { minSeq: number; maxSeq: number }[];
}

/** CRC-32 over everything in the manifest, in one canonical spelling: SQLite's pages have none. */
export function manifestChecksum(manifest: Manifest): number {
  const { settings, epoch, segments, wals, losses, emptied } = manifest;
  const canonical = JSON.stringify([
    [settings.storeId, settings.unit, settings.createdAt, epoch],
    segments.map((row) => [
      row.id,
      row.bytes,
      row.entries,
      row.keys,
      hex(row.minKey),
      hex(row.maxKey),
      row.minTimestamp,
      row.maxTimestamp,
      row.minSeq,
      row.maxSeq,
      row.userBytes,
      row.checksum,
      ...(row.traits === undefined ? [] : [traitsRow(row.traits)]),
    ]),
    wals.map((row) => [row.generation, row.suffix, row.state, row.bytes]),
    ...(losses.length === 0 ? [] : [losses.map(lossRow)]),
    ...(emptied.length === 0 ? [] : [emptied.map(({ minSeq, maxSeq }) => [minSeq, maxSeq])]),
  ]);
  return crc32(Buffer.from(canonical));
}

function lossRow({ acceptedAt, file, minSeq, maxSeq, lost }: Loss): unknown[] {
  return [acceptedAt, file, minSeq, maxSeq, lost];
}

function traitsRow({ erasures, historyErasures, expiries, expiredTo }: SegmentTraits): unknown[] {
  const place = expiredTo && [hex(expiredTo.key), expiredTo.timestamp];
  return [erasures, historyErasures, expiries, place ?? null];
}

/** Of a damaged catalog anything may have been read. */
function hex(key: unknown): string | undefined {
  return Buffer.isBuffer(key) ? key.toString('hex') : undefined;
}
