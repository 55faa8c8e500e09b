/** What lies in a store's directory, whatever the catalog says of it. */
import type { SegmentProperties } from '../base/segment-properties.js';
import { basename, join } from 'node:path';
import { emptyLists, type Manifest } from '../catalog/manifest.js';
import {
  belongsToStore,
  endPath,
  parsePausedFile,
  parseSegmentFile,
  parseWalFile,
  segmentDirectory,
  segmentPath,
  walDirectory,
  walPath,
  type WalName,
} from '../disk/names.js';
import { holdsFrames } from '../wal/wal-file.js';
import type { Environment } from './environment.js';

/** The names in a directory, which need not be there, in order. */
function namesIn({ fileSystem }: Environment, path: string): string[] {
  return fileSystem.status(path) === undefined ? [] : fileSystem.list(path).sort();
}

/** All WAL files by name, those without one of their two files too. */
function walNames(environment: Environment, directory: string): WalName[] {
  const names = new Map<string, WalName>();
  for (const file of namesIn(environment, walDirectory(directory))) {
    const name = parseWalFile(file);
    if (name !== undefined) names.set(name.suffix, name);
  }
  return [...names.values()].sort((a, b) => a.generation - b.generation);
}

/** Something was written to the file, whether its register is there or not. */
function hasFrames({ fileSystem }: Environment, directory: string, name: WalName): boolean {
  if ((fileSystem.status(endPath(directory, name))?.bytes ?? 0) > 1) return true;
  const path = walPath(directory, name);
  return fileSystem.status(path) !== undefined && holdsFrames(fileSystem, path);
}

/** WAL files with frames of the next generations, in order. One that was never sealed to has none. */
export function walsAfter(
  environment: Environment,
  directory: string,
  generation: number,
): WalName[] {
  return walNames(environment, directory).filter(
    (name) => name.generation > generation && hasFrames(environment, directory, name),
  );
}

/** All files of a store without a catalog: only what they say of themselves is known. */
export function listedFiles(environment: Environment, directory: string): Manifest {
  const none = Buffer.alloc(0);
  const segments = namesIn(environment, segmentDirectory(directory)).flatMap((file) => {
    const id = parseSegmentFile(file);
    const numbers = { bytes: 0, entries: 0, keys: 0, userBytes: 0, checksum: 0 };
    const ranges = { minKey: none, maxKey: none, minTimestamp: 0, maxTimestamp: 0 };
    const noSeqs = { minSeq: 0, maxSeq: 0, traits: undefined };
    return id === undefined ? [] : [{ id, ...numbers, ...ranges, ...noSeqs }];
  });
  const wals = walNames(environment, directory).map((name) => {
    return { ...name, state: 'live' as const, bytes: 0 };
  });
  const settings = { storeId: '', unit: 'us' as const, createdAt: 0 };
  return { settings, epoch: 0, segments, wals, ...emptyLists };
}

/** Paths of files that neither the catalog nor the log leads to, and no merge will go on with. */
export function strayFiles(
  environment: Environment,
  directory: string,
  segments: readonly SegmentProperties[],
  wals: readonly WalName[],
): string[] {
  const led = new Set([
    ...segments.map(({ id }) => segmentPath(directory, id)),
    ...wals.flatMap((name) => [walPath(directory, name), endPath(directory, name)]),
  ]);
  const inside = [segmentDirectory(directory), walDirectory(directory)]
    .flatMap((path) => namesIn(environment, path).map((name) => join(path, name)))
    .filter((path) => !led.has(path) && parsePausedFile(basename(path)) === undefined);
  const foreign = namesIn(environment, directory).filter((name) => !belongsToStore(name));
  return [...foreign.map((name) => join(directory, name)), ...inside];
}
