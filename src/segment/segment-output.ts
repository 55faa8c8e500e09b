import type { TimekvError } from '../base/errors.js';
import { KiB, MiB } from '../base/limits.js';
import { type Descriptor, type FileSystem, ioError } from '../disk/file-system.js';

const chunkBytes = 256 * KiB;
/**
 * So much may be written and not be on the disk. Were all of a large file left to the end, whoever
 * commits beside that would wait for tens of milliseconds.
 */
const aheadBytesMax = 2 * MiB;

/** Of the file that was written last, for the next one. */
let spareChunk: Buffer | undefined;

function takeChunk(): Buffer {
  const chunk = spareChunk ?? Buffer.allocUnsafeSlow(chunkBytes);
  spareChunk = undefined;
  return chunk;
}

/** A new file, written from its start to its end in large pieces. */
export class SegmentOutput {
  readonly #fileSystem: FileSystem;
  readonly #path: string;
  #file: Descriptor | undefined;
  readonly #chunk = takeChunk();
  #used = 0;
  #written = 0;
  #synced = 0;
  /** What went wrong: the file has a hole then, and nothing may follow. */
  #failure: TimekvError | undefined;

  /**
   * Creates the file, which must not exist yet.
   * @param from goes on behind so many bytes of a file that is there; what follows them goes
   */
  constructor(fileSystem: FileSystem, path: string, from = 0) {
    this.#fileSystem = fileSystem;
    this.#path = path;
    if (from === 0) this.#file = this.#attempt('create', () => fileSystem.create(path));
    else this.#goOn(from);
  }

  #goOn(from: number): void {
    const file = this.#attempt('open', () => this.#fileSystem.open(this.#path, 'readWrite'));
    this.#file = file;
    try {
      this.#attempt('cut', () => {
        this.#fileSystem.truncate(file, from);
      });
    } catch (error) {
      this.close();
      throw error;
    }
    this.#written = from;
    this.#synced = from;
  }

  /** Where the next byte will stand in the file. */
  get position(): number {
    return this.#written + this.#used;
  }

  write(bytes: Buffer): void {
    if (this.#used + bytes.length > chunkBytes) this.flush();
    if (bytes.length > chunkBytes) {
      this.#write(bytes);
    } else {
      this.#chunk.set(bytes, this.#used);
      this.#used += bytes.length;
    }
  }

  /** Hands everything to the operating system. */
  flush(): void {
    if (this.#used === 0) return;
    this.#write(this.#chunk.subarray(0, this.#used));
    this.#used = 0;
  }

  /** True when so much was written that the disk should be told to begin with it. */
  get isAhead(): boolean {
    return this.#written - this.#synced >= aheadBytesMax;
  }

  /** Waits until what was flushed is on disk. */
  async sync(): Promise<void> {
    const written = this.#written;
    try {
      await this.#fileSystem.syncDataAsync(this.#open(), written - this.#synced);
    } catch (error) {
      this.#failure = ioError(error, 'sync', this.#path);
      throw this.#failure;
    }
    this.#synced = written;
  }

  /** Any number of times. */
  close(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    spareChunk = this.#chunk;
    try {
      this.#fileSystem.close(file);
    } catch (error) {
      throw ioError(error, 'close', this.#path);
    }
  }

  remove(): void {
    try {
      this.#fileSystem.remove(this.#path);
    } catch (error) {
      throw ioError(error, 'remove', this.#path);
    }
  }

  #write(bytes: Buffer): void {
    this.#attempt('write', () => {
      this.#fileSystem.write(this.#open(), bytes, this.#written);
    });
    this.#written += bytes.length;
  }

  #open(): Descriptor {
    if (this.#file === undefined) throw new Error(`${this.#path} is closed`);
    return this.#file;
  }

  #attempt<T>(doing: string, action: () => T): T {
    if (this.#failure) throw this.#failure;
    try {
      return action();
    } catch (error) {
      this.#failure = ioError(error, doing, this.#path);
      throw this.#failure;
    }
  }
}
