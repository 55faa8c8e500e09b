/** Another process that holds a lock file, by SQLite alone. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { sqlitePackage } from '../../src/catalog/binding.js';

const opening = (path: string) =>
  `const database = new (require(${JSON.stringify(sqlitePackage)}))(${JSON.stringify(path)}, { timeout: 0 });`;

/** A process that has taken the lock and keeps it until it is killed, at the latest by the test's end. */
export async function holdLockFile(path: string): Promise<ChildProcess> {
  const script = `${opening(path)}
    database.exec('BEGIN IMMEDIATE');
    process.stdout.write('held');
    setInterval(() => database.inTransaction, 1000);`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child.stdout, 'data');
  return child;
}

/** True if another process could take the lock now. */
export function isFreeForOthers(path: string): boolean {
  const script = `${opening(path)}
    try { database.exec('BEGIN IMMEDIATE; ROLLBACK'); }
    catch (error) { process.exit(error.code === 'SQLITE_BUSY' ? 1 : 2); }`;
  const { status } = spawnSync(process.execPath, ['-e', script], { stdio: 'inherit' });
  if (status !== 0 && status !== 1) throw new Error(`the other process ended with ${status}`);
  return status === 0;
}
