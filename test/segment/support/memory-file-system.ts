import type { FileSystem } from '../../../src/disk/file-system.js';

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Files in memory, with a count of what was done to them and places to make it fail. */
export class MemoryFileSystem implements FileSystem {
  readonly files = new Map<string, Buffer>();
  readonly reads: { offset: number; length: number }[] = [];
  readonly calls: string[] = [];
  /** Called before each operation that a segment uses: throw here to make it fail. */
  before: (call: string, path: string) => void = () => {};
  readonly #open = new Map<number, string>();
  #next = 3;

  get openFiles(): number {
    return this.#open.size;
  }

  open(path: string): number {
    this.#call('open', path);
    if (!this.files.has(path)) throw systemError('ENOENT');
    return this.#descriptor(path);
  }

  create(path: string): number {
    this.#call('create', path);
    if (this.files.has(path)) throw systemError('EEXIST');
    this.files.set(path, Buffer.alloc(0));
    return this.#descriptor(path);
  }

  close(file: number): void {
    this.#call('close', this.#path(file));
    this.#open.delete(file);
  }

  // oxlint-disable-next-line max-params -- the shape of the system call
  read(file: number, into: Uint8Array, offset: number, length: number, position: number): number {
    const path = this.#path(file);
    this.#call('read', path);
    this.reads.push({ offset: position, length });
    const bytes = this.files.get(path)?.subarray(position, position + length) ?? Buffer.alloc(0);
    into.set(bytes, offset);
    return bytes.length;
  }

  write(file: number, bytes: Uint8Array, position: number): void {
    const path = this.#path(file);
    this.#call('write', path);
    const former = this.files.get(path) ?? Buffer.alloc(0);
    const length = Math.max(former.length, position + bytes.length);
    const isRoomy = former.byteOffset === 0 && former.buffer.byteLength >= length;
    const memory = isRoomy ? former.buffer : new ArrayBuffer(2 * length);
    const next = Buffer.from(memory, 0, length);
    if (!isRoomy) next.set(former);
    next.set(bytes, position);
    this.files.set(path, next);
  }

  syncData(): void {
    throw new Error('a segment is synced without blocking');
  }

  async syncDataAsync(file: number): Promise<void> {
    const path = this.#path(file);
    await Promise.resolve();
    this.#call('syncDataAsync', path);
  }

  size(file: number): number {
    const path = this.#path(file);
    this.#call('size', path);
    return this.files.get(path)?.length ?? 0;
  }

  remove(path: string): void {
    this.#call('remove', path);
    this.files.delete(path);
  }

  syncsMustWait = unused;
  removeAsync = unused;
  link = unused;
  rename = unused;
  truncate = unused;
  status = unused;
  list = unused;
  makeDirectory = unused;
  syncDirectory = unused;
  makePrivate = unused;
  isWritable = unused;
  freeBytes = unused;
  type = unused;

  #call(call: string, path: string): void {
    this.calls.push(call);
    this.before(call, path);
  }

  #descriptor(path: string): number {
    this.#open.set(this.#next, path);
    return this.#next++;
  }

  #path(file: number): string {
    const path = this.#open.get(file);
    if (path === undefined) throw systemError('EBADF');
    return path;
  }
}

function unused(): never {
  throw new Error('a segment has no use for this');
}
