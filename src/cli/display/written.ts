import type { Operation, SetOptions } from '../../index.js';
import { versionJson } from './shapes.js';
import type { Committed, StoreAccess } from '../base/store-access.js';

/** The JSON of the versions that a commit has written; of what was erased: how many went. */
export function writtenJson(
  store: StoreAccess,
  operations: readonly Operation<Buffer>[],
  { answers, firstSeq, seqs }: Committed,
): Record<string, unknown>[] {
  const now = store.now();
  return operations.map((operation, index) => {
    const { key } = operation;
    const answer = answers[index] ?? 0;
    if (operation.type === 'erase') return { key, erased: answer };
    const seq = seqs === undefined ? firstSeq + index : (seqs[index] ?? 0);
    const content =
      operation.type === 'set'
        ? ({ value: operation.value, state: 'value', ...expiryOf(operation, answer) } as const)
        : ({ value: undefined, state: 'deleted' } as const);
    return versionJson({ key, timestamp: answer, seq, ...content }, store.unit, now);
  });
}

function expiryOf({ ttl, expiresAt }: SetOptions, timestamp: number): { expiresAt?: number } {
  if (ttl !== undefined) return { expiresAt: timestamp + ttl };
  return expiresAt === undefined ? {} : { expiresAt: Number(expiresAt) };
}
