/**
 * The lines that were typed, in a file that only its owner may read. Several sessions may add to it
 * at once, and none loses what another has added.
 */
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** The longest wait for a session that adds a line or drops old ones, and one pause in it. */
const waitMs = 200;
const pauseMs = 2;
/** A lock that is older was left behind by a session that died. */
const staleMs = 2000;

/** The last lines of the file; none where it cannot be read. Those before them are dropped. */
export function rememberedLines(path: string, linesMax: number): string[] {
  try {
    const lines = linesIn(path);
    return lines.length > linesMax ? locked(path, () => keepLast(path, linesMax)) : lines;
  } catch {
    return [];
  }
}

/** Adds a line. */
export function rememberLine(path: string, line: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    locked(path, () => {
      appendFileSync(path, `${line}\n`, { mode: 0o600 });
    });
  } catch {
    // What was typed is a convenience: a session goes on without it.
  }
}

function linesIn(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').filter(Boolean);
}

function keepLast(path: string, linesMax: number): string[] {
  const last = linesIn(path).slice(-linesMax);
  const fresh = `${path}.${process.pid}`;
  try {
    writeFileSync(fresh, last.map((line) => `${line}\n`).join(''), { mode: 0o600 });
    renameSync(fresh, path);
  } catch {
    rmSync(fresh, { force: true });
  }
  return last;
}

/** Does something while no other session changes the file. Throws where that takes too long. */
function locked<T>(path: string, act: () => T): T {
  const lock = `${path}.lock`;
  takeLock(lock);
  try {
    return act();
  } finally {
    rmSync(lock, { force: true });
  }
}

function takeLock(lock: string): void {
  for (let waited = 0; ; waited += pauseMs) {
    try {
      closeSync(openSync(lock, 'wx', 0o600));
      return;
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EEXIST';
      if (!isTaken || waited >= waitMs) throw error;
    }
    dropStale(lock);
    Atomics.wait(pauses, 0, 0, pauseMs);
  }
}

const pauses = new Int32Array(new SharedArrayBuffer(4));

function dropStale(lock: string): void {
  const status = statSync(lock, { throwIfNoEntry: false });
  if (status !== undefined && Date.now() - status.mtimeMs > staleMs) rmSync(lock, { force: true });
}
