import { randomFillSync } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { open } from '../../../dist/bundle/src/index.js';
import { bytesOf } from './load.mjs';

const valueBytes = 100;
const readsPerRound = 2_000;
/** So many rounds at the beginning and at the end are what reads are told of. */
const roundsTold = 5;
const toldMax = roundsTold * readsPerRound;
const lookMs = 50;

const nameOf = (key) => `key:${String(key).padStart(8, '0')}`;

/** Each value is random, so that nothing is left of it by deflating. */
function* rowsOf(keys, at) {
  const values = Buffer.allocUnsafe(keys * valueBytes);
  randomFillSync(values);
  for (let key = 0; key < keys; key++) {
    const start = key * valueBytes;
    yield { key: nameOf(key), value: values.subarray(start, start + valueBytes), at };
  }
}

/**
 * Writes all keys again and again under a policy that keeps so many versions of each, and reads
 * meanwhile; what the directory has at most, and what reads cost at the beginning and at the end.
 */
export async function churn({ directory, keys, rounds, keepVersions }) {
  const store = await open(directory, { codec: 'bytes', unit: 'tick' });
  await store.setRetention({ keepVersions });
  let most = 0;
  let keptLog = 0;
  const look = setInterval(() => {
    most = Math.max(most, sizeOf(directory));
  }, lookMs);
  const first = [];
  const last = [];
  const startedAt = performance.now();
  for (let at = 1; at <= rounds; at++) {
    await store.load(rowsOf(keys, at));
    // The first rounds have fewer versions than are kept.
    if (at > keepVersions + 1) {
      const told = at > rounds - roundsTold ? last : first.length < toldMax ? first : [];
      readSome(store, keys, at, told);
    }
    keptLog = Math.max(keptLog, (await store.stats()).wal.keptBytes);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  clearInterval(look);
  await store.compact({ full: true, compress: 'off' });
  const { entries } = await store.stats();
  await store.close();
  const live = bytesOf(directory);
  return {
    most,
    live,
    keptLog,
    entries,
    seconds,
    first: percentiles(first),
    last: percentiles(last),
  };
}

function readSome(store, keys, at, told) {
  for (let i = 0; i < readsPerRound; i++) {
    const key = nameOf(Math.floor(Math.random() * keys));
    const before = performance.now();
    const value = store.get(key, at - (i % 3));
    told.push(performance.now() - before);
    if (value?.length !== valueBytes) throw new Error(`${key} has no value as of ${at - (i % 3)}`);
  }
}

function percentiles(samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.floor(sorted.length * share)] * 1000;
  return { p50: at(0.5), p99: at(0.99) };
}

/** Files come and go meanwhile. */
function sizeOf(directory) {
  let bytes = 0;
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    try {
      if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size;
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }
  return bytes;
}

/** What a snapshot and a backup of a store take, and a second backup when a part has changed. */
export async function pinned({ directory, backup, keys, rounds, share }) {
  const store = await open(directory, { codec: 'bytes', unit: 'tick' });
  for (let at = 1; at <= rounds; at++) await store.load(rowsOf(keys, at));
  await store.compact({ full: true, compress: 'off' });
  const timed = async (action) => {
    const before = performance.now();
    await action();
    return performance.now() - before;
  };
  const snapshot = await timed(() => store.snapshot('pinned'));
  const backedUp = await timed(() => store.backup(backup));
  const first = ownBytes(backup);
  await store.load(rowsOf(Math.round(keys * rounds * share), rounds + 1));
  const again = await timed(() => store.backup(backup));
  const bytes = (await store.stats()).segments.bytes;
  await store.close();
  return { bytes, snapshot, backedUp, first, again, moved: newBytes(directory, backup) };
}

/** What of the files in a directory has no other name: what it takes beside the store. */
function ownBytes(directory) {
  return filesIn(directory)
    .filter(({ nlink }) => nlink === 1)
    .reduce((sum, { size }) => sum + size, 0);
}

/** The segments of the second backup that the first one did not have: all but the largest. */
function newBytes(directory, backup) {
  const segments = filesIn(join(backup, 'segments')).map(({ size }) => size);
  return segments.reduce((sum, size) => sum + size, 0) - Math.max(...segments) + ownBytes(backup);
}

function filesIn(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(join(entry.parentPath, entry.name)));
}
