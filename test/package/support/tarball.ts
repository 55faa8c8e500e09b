/** The package as `npm pack` makes it of what is built. */
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { packageRoot } from '../../support/child.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { runWell } from './runtimes.js';

export interface Tarball {
  path: string;
  /** In bytes. */
  size: number;
  unpackedSize: number;
  files: string[];
}

interface Packed {
  filename: string;
  size: number;
  unpackedSize: number;
  files: { path: string }[];
}

interface Manifest {
  version: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  devDependencies: Record<string, string>;
}

export const manifest = JSON.parse(
  readFileSync(join(packageRoot, 'package.json'), 'utf8'),
) as Manifest;

/** What npm installs with timekv because timekv asks for it. */
export const direct = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });

/** Without scripts: it is built already, and what a build prints would stand before the JSON. */
export async function pack(): Promise<Tarball> {
  const directory = temporaryDirectory('disk');
  const command = ['npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', directory];
  const [packed] = JSON.parse(await runWell(command, process.env, packageRoot)) as [Packed];
  const { filename, size, unpackedSize, files } = packed;
  const path = join(directory, filename);
  return { path, size, unpackedSize, files: files.map((file) => file.path) };
}
