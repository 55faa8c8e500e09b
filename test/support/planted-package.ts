/** A small package in a temporary directory, for tests of the tools that guard this one, and for defects. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '../..');

export interface Outcome {
  failed: boolean;
  stdout: string;
  stderr: string;
}

export class PlantedPackage {
  readonly directory = mkdtempSync(join(tmpdir(), 'timekv-planted-'));

  /** Sees the packages that the repository has installed, and nothing else of it. */
  constructor() {
    symlinkSync(join(root, 'node_modules'), join(this.directory, 'node_modules'));
  }

  plant(path: string, text: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text);
  }

  /** Takes over files and directories of the repository as they are. */
  copy(...paths: string[]): void {
    for (const path of paths) cpSync(join(root, path), this.path(path), { recursive: true });
  }

  path(path: string): string {
    return join(this.directory, path);
  }

  removePath(path: string): void {
    rmSync(this.path(path), { recursive: true });
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }

  /**
   * Runs a Node program of the repository inside the package.
   * @param program path from the repository's root
   */
  run(program: string, given: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    const options = { cwd: this.directory, env: { ...process.env, ...env } };
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [join(root, program), ...given],
        options,
        (error, stdout, stderr) => {
          resolve({ failed: error !== null, stdout, stderr });
        },
      );
    });
  }
}
