/** What the server answers, as JSON. */
import { type ErrorCode, TimekvError } from '../../../src/index.js';
import type { Version } from '../../../src/options.js';

export type JsonValue = string | { base64: string } | null;

export interface JsonVersion {
  key: string;
  timestamp: number | null;
  value: JsonValue;
  seq: number;
  expiresAt?: number;
  state: Version<unknown>['state'];
}

/** The library's error that an answer tells of. */
export function refusalIn(text: string): TimekvError {
  const { error } = JSON.parse(text) as {
    error: { code: ErrorCode; message: string; operation?: number };
  };
  const refusal = new TimekvError(error.code, error.message);
  refusal.operation = error.operation;
  return refusal;
}
