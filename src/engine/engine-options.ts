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
