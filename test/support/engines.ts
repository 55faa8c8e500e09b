/** The engine over a real directory, without the store around it. */
import { DiskEngine } from '../../src/engine/disk-engine.js';
import type { EngineOptions } from '../../src/engine/engine-options.js';
import { type Environment, systemEnvironment } from '../../src/engine/environment.js';
import type { Committed } from '../../src/engine/engine.js';
import type { Write } from '../../src/engine/judge.js';
import { KiB, MiB } from '../../src/base/limits.js';
import { write } from './judging.js';

export async function openEngine(
  directory: string,
  parts: Partial<Environment> = {},
  options: Partial<EngineOptions> = {},
): Promise<DiskEngine> {
  return DiskEngine.open(systemEnvironment(parts), directory, {
    create: true,
    readOnly: false,
    unit: undefined,
    memoryBytes: 8 * MiB,
    durability: 'full',
    busyTimeoutMs: 5000,
    allowRemote: true,
    snapshot: undefined,
    ...options,
  });
}

export function put(
  engine: DiskEngine,
  key: string,
  value: string,
  options: Partial<Write> = {},
): Promise<Committed> {
  const written = write(key, { value: Buffer.from(value), ...options });
  return engine.commit({ writes: [written], nowPerWrite: false });
}

/** Enough to fill a log of an engine with the least memory, and to begin another. */
export async function fillLog(engine: DiskEngine, prefix: string): Promise<void> {
  for (let each = 0; each < 5; each++) await put(engine, `${prefix}${each}`, 'x'.repeat(256 * KiB));
}

export function get(engine: DiskEngine, key: string): string | undefined {
  return engine.find(Buffer.from(key), undefined)?.value.toString();
}

/** Every entry, by seq, as `key=value` with long values cut short. */
export function entriesOf(engine: DiskEngine): string[] {
  const held = engine.hold({ from: undefined, to: undefined });
  if (held === undefined) return [];
  const found: [number, string][] = [];
  const { cursor, view } = held;
  for (cursor.first(); cursor.valid; cursor.next()) {
    const value = cursor.value().subarray(0, 10).toString();
    found.push([cursor.seq, `${cursor.key.toString()}=${value}`]);
  }
  view.release();
  return found.sort(([a], [b]) => a - b).map(([, text]) => text);
}
