/** Opening and creating stores: options checked, defaults applied, the right engine chosen. */
import { resolve } from 'node:path';
import type { Clock } from './base/clock.js';
import { requireSafeThread } from './catalog/binding.js';
import { invalidArgument } from './base/errors.js';
import { busyTimeoutDefaultMs, memoryBytesDefault, memoryBytesMin, MiB } from './base/limits.js';
import { checkOptions, checkSnapshotName, shown } from './checks.js';
import { bytesCodec, jsonCodec, textCodec } from './codecs.js';
import { checkDirectory, inMemory } from './directories.js';
import { DiskEngine } from './engine/disk-engine.js';
import type { EngineOptions } from './engine/engine-options.js';
import { systemEnvironment, type Environment } from './engine/environment.js';
import { MemoryEngine } from './engine/memory-engine.js';
import type { Codec, OpenOptions } from './options.js';
import { Store } from './store.js';

type AnyCodec = 'text' | 'bytes' | 'json' | Codec<unknown>;

const codecs = { text: textCodec, bytes: bytesCodec, json: jsonCodec } as const;

function chooseCodec(codec: string | Codec<unknown> = 'text'): Codec<unknown> {
  if (typeof codec !== 'string') {
    const { encode, decode } = checkOptions<Partial<Codec<unknown>>>(codec, 'codec');
    if (typeof encode === 'function' && typeof decode === 'function') return codec;
    throw invalidArgument('the codec needs two functions, encode and decode');
  }
  if (codec === 'text' || codec === 'bytes' || codec === 'json') {
    return codecs[codec];
  }
  throw invalidArgument(
    `codec ${JSON.stringify(codec)} is none of text, bytes and json; or pass { encode, decode }`,
  );
}

function checkClock(clock: Clock): Clock {
  const { now } = checkOptions<Partial<Clock>>(clock, 'clock');
  if (typeof now === 'function') return clock;
  throw invalidArgument('the clock needs a function: now(), the time in the unit of the store');
}

function checkLooks(looks: OpenOptions['looks']): OpenOptions['looks'] {
  if (looks === undefined || ['run', 'turn'].includes(looks)) return looks;
  throw invalidArgument(`looks ${shown(looks)} is none of run and turn`);
}

function engineOptionsOf(options: OpenOptions): EngineOptions {
  const { memory = memoryBytesDefault, busyTimeout = busyTimeoutDefaultMs } = options;
  const { durability = 'full', unit, snapshot } = options;
  if (!Number.isSafeInteger(memory) || memory < memoryBytesMin) {
    throw invalidArgument(
      `memory ${shown(memory)} is less than ${memoryBytesMin} bytes (${memoryBytesMin / MiB} MiB)`,
    );
  }
  if (typeof busyTimeout !== 'number' || !(busyTimeout >= 0)) {
    throw invalidArgument(`busyTimeout ${shown(busyTimeout)} is not a number of milliseconds`);
  }
  // Callers without types may pass anything.
  if (!['full', 'process'].includes(durability)) {
    throw invalidArgument(`durability ${shown(durability)} is none of full and process`);
  }
  if (unit !== undefined && !['us', 'tick'].includes(unit)) {
    throw invalidArgument(`unit ${shown(unit)} is none of us and tick`);
  }
  if (snapshot !== undefined) checkSnapshotName(snapshot);
  const isPinned = snapshot !== undefined;
  return {
    create: !isPinned && (options.create ?? true),
    readOnly: isPinned || (options.readOnly ?? false),
    unit,
    memoryBytes: memory,
    durability,
    busyTimeoutMs: busyTimeout,
    allowRemote: options.allowRemote ?? false,
    snapshot,
  };
}

/** `open` with parts of the world replaced, for tests. */
export async function openWith(
  directory: string,
  options: OpenOptions & { codec?: AnyCodec },
  parts: Partial<Environment>,
): Promise<Store<unknown>> {
  checkDirectory(directory);
  checkOptions(options, 'open');
  const codec = chooseCodec(options.codec);
  const engineOptions = engineOptionsOf(options);
  const environment = systemEnvironment(parts);
  if (options.clock !== undefined) environment.clock = checkClock(options.clock);
  if (checkLooks(options.looks) === 'turn') environment.whenLookOver = setImmediate;
  if (directory === inMemory) {
    const { unit = 'us', readOnly: isReadOnly, snapshot } = engineOptions;
    if (snapshot !== undefined) {
      throw invalidArgument(`${inMemory} is a new store, which has no snapshot`);
    }
    return new Store(new MemoryEngine(unit, environment.clock, isReadOnly), codec);
  }
  requireSafeThread();
  return new Store(await DiskEngine.open(environment, resolve(directory), engineOptions), codec);
}

/**
 * Opens a store. Writes nothing: where there is none, the first write makes it.
 * @param directory path of the store, or `:memory:` for one that is gone with the process
 * @throws ERR_TIMEKV_NO_STORE with `create: false` or `readOnly` where there is none;
 *   ERR_TIMEKV_EXISTS for another unit; ERR_TIMEKV_DAMAGED; ERR_TIMEKV_UNSUPPORTED_FORMAT;
 *   ERR_TIMEKV_REMOTE_FILE_SYSTEM
 */
export function open(directory: string, options?: OpenOptions & { codec?: 'text' }): Promise<Store>;
export function open(
  directory: string,
  options: OpenOptions & { codec: 'bytes' },
): Promise<Store<Buffer>>;
export function open<V = unknown>(
  directory: string,
  options: OpenOptions & { codec: 'json' },
): Promise<Store<V>>;
export function open<V>(
  directory: string,
  options: OpenOptions & { codec: Codec<V> },
): Promise<Store<V>>;
export function open(
  directory: string,
  options: OpenOptions & { codec?: AnyCodec } = {},
): Promise<unknown> {
  return openWith(directory, options, {});
}

/**
 * Makes an empty store now, which the first write would do as well. If there is one of the same
 * unit already, nothing happens.
 * @throws ERR_TIMEKV_EXISTS if there is one of another unit; ERR_TIMEKV_NOT_A_STORE, ERR_TIMEKV_IO
 */
export async function create(directory: string, options: OpenOptions = {}): Promise<void> {
  checkDirectory(directory);
  if (directory === inMemory) {
    throw invalidArgument(
      `${inMemory} is no directory to create a store in; open('${inMemory}') makes one by itself`,
    );
  }
  const { clock: _, ...rest } = checkOptions(options, 'create');
  const environment = systemEnvironment();
  const engineOptions = { ...engineOptionsOf(rest), create: true };
  const engine = await DiskEngine.open(environment, resolve(directory), engineOptions);
  try {
    await engine.create();
  } finally {
    await engine.close();
  }
}
