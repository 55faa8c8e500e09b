/** The only namer of files: makes every path below a store's directory, and parses the names back. */
import { basename, join } from 'node:path';

export interface WalName {
  /** Counts up by one with each WAL file of a store, from 1. */
  generation: number;
  /** 16 hex digits, so that a name is never used twice. */
  suffix: string;
}

export const catalogPath = (directory: string) => join(directory, 'catalog.db');
export const writeLockPath = (directory: string) => join(directory, 'write.lock');
export const maintenanceLockPath = (directory: string) => join(directory, 'maint.lock');
export const walDirectory = (directory: string) => join(directory, 'wal');
export const segmentDirectory = (directory: string) => join(directory, 'segments');
export const quarantineDirectory = (directory: string) => join(directory, 'quarantine');

/** Lies in a directory while a backup or a restored store is made in it. */
export const unfinishedPath = (directory: string) => join(directory, 'unfinished');

function walStem({ generation, suffix }: WalName): string {
  return `${String(generation).padStart(8, '0')}-${suffix}`;
}

export function walPath(directory: string, name: WalName): string {
  return join(walDirectory(directory), `${walStem(name)}.wal`);
}

/** The end register that belongs to a WAL file. */
export function endPath(directory: string, name: WalName): string {
  return join(walDirectory(directory), `${walStem(name)}.end`);
}

/** True for the name of any end register. */
export const isRegister = (file: string): boolean => file.endsWith('.end');

/** Parses `00000001-0123456789abcdef.wal` or `….end`; undefined for any other name. */
export function parseWalFile(file: string): WalName | undefined {
  const match = /^(\d{8,15})-([0-9a-f]{16})\.(?:wal|end)$/.exec(file);
  if (match === null) return undefined;
  const [, generation = '', suffix = ''] = match;
  return { generation: Number(generation), suffix };
}

export function segmentPath(directory: string, id: string): string {
  return join(segmentDirectory(directory), `${id}.seg`);
}

/** Parses `<32 hex digits>.seg`; undefined for any other name. */
export function parseSegmentFile(file: string): string | undefined {
  return /^([0-9a-f]{32})\.seg$/.exec(file)?.[1];
}

/** A segment that is half made, by a merge that will be gone on with. */
export function pausedPath(directory: string, id: string): string {
  return join(segmentDirectory(directory), `${id}.part`);
}

/** Parses `<32 hex digits>.part`; undefined for any other name. */
export function parsePausedFile(file: string): string | undefined {
  return /^([0-9a-f]{32})\.part$/.exec(file)?.[1];
}

/** Where a damaged file is put aside, under its own name. */
export function quarantinePath(directory: string, path: string): string {
  return join(quarantineDirectory(directory), basename(path));
}

/** Where the bytes of a torn tail are put aside. */
export function tornTailPath(directory: string, name: WalName, offset: number): string {
  return join(quarantineDirectory(directory), `${walStem(name)}-torn-at-${offset}.bin`);
}

const topLevelNames = new Set([
  'catalog.db',
  'catalog.db-journal',
  'write.lock',
  'write.lock-journal',
  'maint.lock',
  'maint.lock-journal',
  'wal',
  'segments',
  'quarantine',
  'unfinished',
]);

/** True if a store, whole or half created, may have made this top-level name. */
export function belongsToStore(name: string): boolean {
  return topLevelNames.has(name);
}
