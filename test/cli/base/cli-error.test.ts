import { describe, expect, it } from 'vitest';
import * as limits from '../../../src/base/limits.js';
import {
  AlreadyTold,
  CliError,
  ClosedPipe,
  codeOf,
  errorJson,
  exitCodeOf,
  Interrupted,
  messageOf,
  nothingThere,
  usageError,
} from '../../../src/cli/base/cli-error.js';
import {
  batchBytesMax,
  batchOperationsMax,
  keyBytesMax,
  memoryBytesMin,
  valueBytesMax,
} from '../../../src/cli/base/limits.js';
import { errorCodes, TimekvError, type ErrorCode } from '../../../src/index.js';

const expected: Record<ErrorCode, number> = {
  ERR_TIMEKV_INVALID_ARGUMENT: 2,
  ERR_TIMEKV_NO_STORE: 3,
  ERR_TIMEKV_NO_SNAPSHOT: 3,
  ERR_TIMEKV_NOT_A_STORE: 2,
  ERR_TIMEKV_UNSUPPORTED_FORMAT: 1,
  ERR_TIMEKV_REMOTE_FILE_SYSTEM: 2,
  ERR_TIMEKV_CONFLICT: 4,
  ERR_TIMEKV_EXISTS: 4,
  ERR_TIMEKV_BUSY: 5,
  ERR_TIMEKV_TIMEOUT: 5,
  ERR_TIMEKV_DAMAGED: 6,
  ERR_TIMEKV_HISTORY_TRUNCATED: 7,
  ERR_TIMEKV_OUTCOME_UNKNOWN: 1,
  ERR_TIMEKV_POISONED: 1,
  ERR_TIMEKV_READ_ONLY: 1,
  ERR_TIMEKV_IO: 1,
  ERR_TIMEKV_CLOSED: 1,
};

describe('the exit code', () => {
  it.each(Object.keys(errorCodes) as ErrorCode[])('of %s', (code) => {
    expect(exitCodeOf(new TimekvError(code, 'x'))).toBe(expected[code]);
  });

  it.each<[unknown, number]>([
    [usageError('x'), 2],
    [nothingThere('x'), 3],
    [new ClosedPipe(), 0],
    [new Interrupted('SIGINT'), 130],
    [new Interrupted('SIGTERM'), 143],
    [new AlreadyTold(nothingThere('x')), 3],
    [new AlreadyTold(new AlreadyTold(usageError('x'))), 2],
    [new TypeError('a fault of ours'), 1],
    [Object.assign(new Error('full'), { code: 'ENOSPC' }), 1],
    ['thrown text', 1],
  ])('of %s is %d', (error, code) => {
    expect(exitCodeOf(error)).toBe(code);
  });
});

describe('an error in JSON', () => {
  it('names its code, its message, and the place of damage', () => {
    const details = { file: 'x.segment', offset: 7 };
    expect(errorJson(new TimekvError('ERR_TIMEKV_DAMAGED', 'it is', details))).toEqual({
      error: { code: 'ERR_TIMEKV_DAMAGED', message: 'it is', ...details },
    });
    expect(errorJson(new CliError('ERR_TIMEKV_BUSY', 'later'))).toEqual({
      error: { code: 'ERR_TIMEKV_BUSY', message: 'later' },
    });
  });

  it('of the system is one of reading and writing', () => {
    expect(codeOf(Object.assign(new Error('no'), { code: 'EACCES' }))).toBe('ERR_TIMEKV_IO');
  });
});

it('only a fault of ours shows where it was', () => {
  expect(messageOf(usageError('bad'))).toBe('bad');
  expect(messageOf(new TypeError('x'))).toMatch(/^unexpected: TypeError: x\n\s+at /);
});

it('limits are those of the library', () => {
  expect(keyBytesMax).toBe(limits.keyBytesMax);
  expect(memoryBytesMin).toBe(limits.memoryBytesMin);
  expect(valueBytesMax).toBe(limits.valueBytesMax);
  expect(batchBytesMax).toBe(limits.batchBytesMax);
  expect(batchOperationsMax).toBe(limits.batchOperationsMax);
});
