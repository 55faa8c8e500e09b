/**
 * Keeps what V8 makes of our sources, so that the next start need not compile them again: half of
 * what a one-shot command takes. Newer Nodes do that by themselves, if they are told where; for Node 20
 * it is done here, for CommonJS, which the bundle of the command line is for that reason.
 *
 * V8 itself checks that what it is given was made by the same V8 with the same flags, but of the
 * source only the length: the rest is told by the name of a cached file and by the line at its end.
 */
import {
  closeSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import * as nodeModule from 'node:module';
import { basename, dirname, join } from 'node:path';
import { constants, Script } from 'node:vm';
import { baseDirectory } from './base/base-directory.js';

/** More files than one version of the package needs: beyond them the oldest go. */
const filesMax = 64;
const othersMayWrite = 0o022;

/** What Node calls a module, as far as it is needed here. */
interface LoadedModule {
  exports: unknown;
  require: (id: string) => unknown;
}

interface ModuleClass {
  prototype: { _compile: (this: LoadedModule, source: string, path: string) => unknown };
  wrap: (source: string) => string;
  enableCompileCache?: (directory: string) => unknown;
}

/** A script that was compiled from its source. */
interface Fresh {
  script: Script;
  file: string;
  mark: string;
}

/** From now on what is loaded comes from the cache where it can, and goes there where it does not. */
export function useCodeCache(environment: NodeJS.ProcessEnv = process.env): void {
  if (environment['NODE_DISABLE_COMPILE_CACHE'] !== undefined) return;
  const directory = join(baseDirectory(environment['XDG_CACHE_HOME'], '.cache'), 'timekv');
  const { Module } = nodeModule as unknown as { Module: ModuleClass };
  if (!isOurs(directory)) return;
  if (Module.enableCompileCache === undefined) compileThrough(new CodeCache(directory), Module);
  else Module.enableCompileCache(directory);
}

/** True if nobody else can put anything there: what lies there is run. */
function isOurs(directory: string): boolean {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const status = lstatSync(directory);
    return status.isDirectory() && isOwn(status);
  } catch {
    return false;
  }
}

function isOwn({ uid, mode }: { uid: number; mode: number }): boolean {
  return uid === process.getuid?.() && (mode & othersMayWrite) === 0;
}

function compileThrough(cache: CodeCache, { prototype, wrap }: ModuleClass): void {
  // oxlint-disable-next-line no-underscore-dangle -- the one place where Node compiles CommonJS
  prototype._compile = function (source, path) {
    const run = cache.compile(wrap(source), path).runInThisContext() as (
      ...values: unknown[]
    ) => unknown;
    const require = Object.assign((id: string) => this.require(id), {
      resolve: nodeModule.createRequire(path).resolve,
    });
    return run.call(this.exports, this.exports, require, this, path, dirname(path));
  };
  process.once('exit', () => {
    cache.keep();
  });
}

class CodeCache {
  readonly #directory: string;
  readonly #fresh: Fresh[] = [];

  constructor(directory: string) {
    this.#directory = directory;
  }

  compile(source: string, path: string): Script {
    const mark = markOf(path);
    const file = join(this.#directory, `${basename(path)}-${hashOf(mark)}`);
    const cachedData = read(file, mark);
    const script = new Script(source, {
      filename: path,
      cachedData,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    const isUsed = cachedData !== undefined && script.cachedDataRejected !== true;
    if (!isUsed) this.#fresh.push({ script, file, mark });
    return script;
  }

  /** Keeps what was compiled anew, with the functions that were run by now. Without it all goes on. */
  keep(): void {
    if (this.#fresh.length === 0) return;
    try {
      for (const { script, file, mark } of this.#fresh) {
        const own = `${file}.${process.pid}`;
        writeFileSync(own, Buffer.concat([script.createCachedData(), Buffer.from(mark)]), {
          mode: 0o600,
          flag: 'wx',
        });
        renameSync(own, file);
      }
      this.#dropOld();
    } catch {
      // A full disk, or one that cannot be written: the next start compiles again.
    }
  }

  #dropOld(): void {
    const files = readdirSync(this.#directory).map((name) => join(this.#directory, name));
    if (files.length <= filesMax) return;
    const byAge = files
      .map((file) => ({ file, writtenAt: statSync(file).mtimeMs }))
      .sort((a, b) => b.writtenAt - a.writtenAt);
    for (const { file } of byAge.slice(filesMax)) rmSync(file, { force: true });
  }
}

/** Tells one source from another, and one Node from another; ends with a line end. */
function markOf(path: string): string {
  const { size, mtimeMs } = statSync(path);
  const { version, arch, execArgv } = process;
  return `${JSON.stringify([path, size, mtimeMs, version, arch, execArgv])}\n`;
}

/** FNV-1a: the name of a file need not be more than rare. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, '0');
}

/** What is kept in a file of ours, if it belongs to this mark. */
function read(file: string, mark: string): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    if (!isOwn(fstatSync(descriptor))) return undefined;
    const bytes = readFileSync(descriptor);
    // At the end, so that what V8 reads lies at the beginning, where it need not copy it.
    const length = bytes.length - Buffer.byteLength(mark);
    const isMarked = length > 0 && bytes.toString('utf8', length) === mark;
    return isMarked ? bytes.subarray(0, length) : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
