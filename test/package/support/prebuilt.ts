/**
 * On Node 20 the install script of better-sqlite3 12 downloads a binary, or compiles one for a minute.
 * Here it finds the one that `npm ci` has left in this repository, in the form in which it would be
 * downloaded: the script runs as ever, and each installation takes seconds. The long suite compiles.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { packageRoot } from '../../support/child.js';
import { isLong } from '../../support/harness.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const addon = 'build/Release/better_sqlite3.node';

/** What tells the script of it; nothing where there is none. */
export function prebuilt(): Record<string, string> {
  const folder = join(packageRoot, 'node_modules/better-sqlite3');
  if (isLong || !existsSync(join(folder, addon))) return {};
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    version: string;
  };
  const { platform, arch, versions } = process;
  const name = `better-sqlite3-v${version}-node-v${versions.modules}-${platform}-${arch}.tar.gz`;
  const directory = temporaryDirectory('disk');
  execFileSync('tar', ['-czf', join(directory, name), '-C', folder, addon]);
  return { npm_config_better_sqlite3_local_prebuilds: directory };
}
