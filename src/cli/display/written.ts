import type { Operation, SetOptions } from '../../index.js';
import { versionJson } from './shapes.js';
import type { Committed, StoreAccess } from '../base/store-access.js';

/** The JSON of the versions that a commit has written. */
export function writtenJson(
  store: StoreAccess,
  operations: readonly Operation<Buffer>[],
  { timestamps, firstSeq }: Committed,
): Record<string, unknown>[] {
  const now = store.now();
  return operations.map((operation, index) => {
    const { key } = operation;
    const timestamp = timestamps[index] ?? 0;
    const content =
      operation.type === 'set'
        ? ({ value: operation.value, state: 'value', ...expiryOf(operation, timestamp) } as const)
        : ({ value: undefined, state: 'deleted' } as const);
    return versionJson({ key, timestamp, seq: firstSeq + index, ...content }, store.unit, now);
  });
}

function expiryOf({ ttl, expiresAt }: SetOptions, timestamp: number): { expiresAt?: number } {
  if (ttl !== undefined) return { expiresAt: timestamp + ttl };
  return expiresAt === undefined ? {} : { expiresAt: Number(expiresAt) };
}
