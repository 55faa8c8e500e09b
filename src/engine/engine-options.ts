import { TimekvError } from '../base/errors.js';
import type { EngineUnit } from './engine.js';

export interface EngineOptions {
  create: boolean;
  readOnly: boolean;
  /** Undefined: whatever the store has; `us` for a new one. */
  unit: EngineUnit | undefined;
  memoryBytes: number;
  durability: 'full' | 'process';
  busyTimeoutMs: number;
  allowRemote: boolean;
  /** Only for reads, as of the moment of this snapshot. */
  snapshot: string | undefined;
}

/** @throws ERR_TIMEKV_EXISTS if the store has another unit than is asked for */
export function requireUnit(
  { unit: wanted }: Pick<EngineOptions, 'unit'>,
  unit: EngineUnit,
  directory: string,
): void {
  if (wanted === undefined || wanted === unit) return;
  throw new TimekvError(
    'ERR_TIMEKV_EXISTS',
    `the store in ${directory} has the unit ${unit}, not ${wanted}; open it without a unit`,
    { file: directory },
  );
}
