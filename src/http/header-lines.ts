/** What the header of an answer tells. */
import type { Version } from '../index.js';
import { etagOf } from './values.js';

/** Names and values of header lines, in turns. */
export type HeaderLines = readonly (string | number)[];

/** @param length of the body, in bytes */
export function bodyLines(type: string, length: number): HeaderLines {
  return ['content-type', type, 'content-length', length];
}

/** What a header tells of a version. */
export function versionLines({ seq, timestamp, expiresAt }: Version<Buffer>): HeaderLines {
  const lines = ['etag', etagOf(seq), 'timekv-timestamp', timestamp];
  return expiresAt === undefined ? lines : [...lines, 'timekv-expires-at', expiresAt];
}
