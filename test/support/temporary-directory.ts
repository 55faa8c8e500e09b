/** Directories for stores that vanish after the test file. In memory where the machine has it. */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const made: string[] = [];

function inMemory(): string {
  try {
    fs.accessSync('/dev/shm', fs.constants.W_OK);
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
}

/**
 * A new, empty directory, removed after the test file.
 * @param where `memory`: fast, syncs cost nothing; `disk`: a real file system
 */
export function temporaryDirectory(where: 'memory' | 'disk' = 'memory'): string {
  const parent = where === 'memory' ? inMemory() : tmpdir();
  const directory = fs.mkdtempSync(join(parent, 'timekv-test-'));
  made.push(directory);
  return directory;
}

/** Removes one before its time, so that thousands of runs do not pile up. */
export function removeDirectory(directory: string): void {
  fs.rmSync(directory, { recursive: true, force: true });
}

afterAll(() => {
  for (const directory of made.splice(0)) removeDirectory(directory);
});
