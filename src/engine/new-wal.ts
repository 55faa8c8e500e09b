import type { Clock } from '../base/clock.js';
import type { WalName } from '../disk/names.js';
import { type FileHeader, noNow } from '../wal/format.js';
import { WalFile } from '../wal/wal-file.js';
import type { Environment } from './environment.js';

/** What every new file's header has of its own: the salt and the time. */
export function newHeader(
  newIdentity: (bytes: number) => string,
  clock: Clock,
): Pick<FileHeader, 'salt' | 'createdAt'> {
  return { salt: Number.parseInt(newIdentity(4), 16), createdAt: clock.now() };
}

type LogStart = Pick<FileHeader, 'generation' | 'baseSeq' | 'lastNow' | 'lastCommitTime'>;
const fromNothing = { generation: 1, baseSeq: 0, lastNow: noNow, lastCommitTime: noNow };

/** Makes a WAL file that goes on from no other one. The caller syncs the directory. */
export function createFirstWal(
  environment: Environment,
  directory: string,
  storeId: string,
  start: LogStart = fromNothing,
): WalName {
  const { fileSystem, newIdentity, clock, bootId } = environment;
  const name: WalName = { generation: start.generation, suffix: newIdentity(8) };
  WalFile.create(fileSystem, directory, name, {
    ...newHeader(newIdentity, clock),
    storeId,
    bootId,
    ...start,
    previousEnd: 0,
    previousCrc: 0,
  });
  return name;
}
