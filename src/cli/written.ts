import type { Operation } from '../index.js';
import { versionJson } from './shapes.js';
import type { StoreAccess } from './store-access.js';

/** The JSON of the version that an operation has written. */
export function writtenJson(
  store: StoreAccess,
  operation: Operation<Buffer>,
  { timestamp, seq }: { timestamp: number; seq: number },
): Record<string, unknown> {
  const { key } = operation;
  const content =
    operation.type === 'set'
      ? ({ value: operation.value, state: 'value' } as const)
      : ({ value: undefined, state: 'deleted' } as const);
  return versionJson({ key, timestamp, seq, ...content }, store.unit, store.now());
}
