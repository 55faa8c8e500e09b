/** What users pass in, checked and turned into what the engine works with. */
import { inspect } from 'node:util';
import { copyOf } from './base/bytes.js';
import { Kind } from './base/entry.js';
import { atOperation, invalidArgument } from './base/errors.js';
import {
  batchBytesMax,
  batchOperationsMax,
  bumpMaxDefault,
  keyBytesMax,
  MiB,
  timestampMax,
  valueBytesMax,
} from './base/limits.js';
import type { EngineUnit } from './engine/engine.js';
import type { Write } from './engine/judge.js';
import type { Policy } from './engine/policy.js';
import type { Codec, KeepOptions, LoadRow, Operation, SetOptions, Time } from './options.js';
import type { RowBytes } from './base/row-bytes.js';
import type { RecordContent } from './wal/record.js';

/** Options are an object, and who is told how far it is a function, whatever callers without types pass. */
export function checkOptions<T extends object>(options: T, call: string): T {
  if (!isObject(options)) {
    throw invalidArgument(`the options of ${call} must be an object, not ${shown(options)}`);
  }
  const { onProgress } = options as { onProgress?: unknown };
  if (onProgress === undefined || typeof onProgress === 'function') return options;
  throw invalidArgument(`onProgress is a function, not ${shown(onProgress)}`);
}

/** What `compress` of a compaction says. */
export function doesDeflate(compress: string): boolean {
  if (compress === 'auto' || compress === 'off') return compress === 'auto';
  throw invalidArgument(`compress ${shown(compress)} is neither auto nor off`);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** Anything, in one short line. */
export function shown(value: unknown): string {
  return inspect(value, { depth: 0, breakLength: Infinity, maxStringLength: 100 });
}

/** @throws ERR_TIMEKV_INVALID_ARGUMENT unless it is well-formed text of 1 to 2,048 bytes */
export function checkKey(key: string): Buffer {
  if (typeof key !== 'string') {
    throw invalidArgument(`the key must be a string, not ${typeof key}`);
  }
  if (key === '') throw invalidArgument('the key is empty; a key is 1 to 2,048 bytes of text');
  const bytes = checkText(key, 'the key');
  if (bytes.length > keyBytesMax) {
    throw invalidArgument(`the key has ${bytes.length} bytes; the most is ${keyBytesMax}`);
  }
  return bytes;
}

/** The same for each of many. */
export function checkKeys(keys: readonly string[]): Buffer[] {
  const given: unknown = keys;
  if (!Array.isArray(given))
    throw invalidArgument(`the keys must be an array, not ${shown(given)}`);
  return keys.map((key) => checkKey(key));
}

/** @throws ERR_TIMEKV_INVALID_ARGUMENT for what could be taken for a path or an option, too */
export function checkSnapshotName(name: string): string {
  if (typeof name === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) return name;
  throw invalidArgument(
    `${shown(name)} is no name for a snapshot; use 1 to 64 letters, digits, dots, hyphens and underscores, a letter or digit first`,
  );
}

const keyScratch = Buffer.allocUnsafeSlow(keyBytesMax);
/** The start of it, of the length that the last key had. */
let keyView = keyScratch.subarray(0, 0);

/**
 * The same for a read, which is over before the next one: plain ASCII, as most keys are, in memory
 * that the next key overwrites.
 */
export function briefKey(key: string): Buffer {
  if (typeof key !== 'string' || key.length > keyBytesMax || key === '') return checkKey(key);
  let length = 0;
  for (; length < key.length; length++) {
    const code = key.charCodeAt(length);
    if (code > 0x7f) return checkKey(key);
    keyScratch[length] = code;
  }
  if (length !== keyView.length) keyView = keyScratch.subarray(0, length);
  return keyView;
}

/** A bound of a range: like a key, but may be empty or long. */
export function checkBound(text: string, name: string): Buffer {
  if (typeof text !== 'string') {
    throw invalidArgument(`${name} must be a string, not ${typeof text}`);
  }
  return checkText(text, name);
}

function checkText(text: string, name: string): Buffer {
  if (!text.isWellFormed()) {
    throw invalidArgument(
      `${name} ${JSON.stringify(text)} holds half of a surrogate pair, which has no UTF-8; remove it`,
    );
  }
  return Buffer.from(text, 'utf8');
}

/** An integer with |t| ≤ 2^53 − 1, or a Date in a `us` store. */
export function checkTime(time: Time, unit: EngineUnit, name: string): number {
  if (time instanceof Date) {
    if (unit === 'tick') {
      throw invalidArgument(`${name} is a Date, but this store counts ticks; pass an integer`);
    }
    return checkInteger(time.getTime() * 1000, name);
  }
  return checkInteger(time, name);
}

function checkInteger(value: number, name: string): number {
  if (!Number.isSafeInteger(value)) {
    throw invalidArgument(
      `${name} ${shown(value)} is not an integer between −${timestampMax} and ${timestampMax}`,
    );
  }
  return value === 0 ? 0 : value; // −0 is 0.
}

function checkPositive(value: number, name: string): number {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw invalidArgument(`${name} ${shown(value)} is not a positive integer`);
  }
  return value;
}

/** What is to be kept; undefined if nothing is said of it. */
export function checkPolicy({ keepFor, keepVersions }: KeepOptions): Policy | undefined {
  if (keepFor !== undefined) checkPositive(keepFor, 'keepFor');
  if (keepVersions !== undefined) checkPositive(keepVersions, 'keepVersions');
  if (keepFor === undefined && keepVersions === undefined) return undefined;
  return { keepFor, keepVersions };
}

function checkMaxBump(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw invalidArgument(`maxBump ${shown(value)} is not an integer of 0 or more`);
  }
  return value;
}

export function checkLimit(limit: number | undefined): number {
  if (limit === undefined) return Infinity;
  if (!Number.isSafeInteger(limit) || limit < 0) {
    throw invalidArgument(`limit ${shown(limit)} is not an integer of 0 or more`);
  }
  return limit;
}

function checkValue<V>(value: V, { codec, mustCopy }: Checking<V>): Buffer {
  const encoded = codec.encode(value);
  if (!ArrayBuffer.isView(encoded)) {
    throw invalidArgument(`encode of the codec must return a Uint8Array, not ${shown(encoded)}`);
  }
  const bytes = Buffer.isBuffer(encoded)
    ? encoded
    : Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  if (bytes.length > valueBytesMax) {
    throw invalidArgument(`the value has ${bytes.length} bytes; the most is ${valueBytesMax}`);
  }
  return mustCopy ? copyOf(bytes) : bytes;
}

/** What the checks need to know of the store. */
export interface Checking<V> {
  unit: EngineUnit;
  codec: Codec<V>;
  /** True if the codec may use the bytes again while the write waits for its commit. */
  mustCopy: boolean;
}

const emptyValue = Buffer.alloc(0);
const conflictModes = new Set(['replace', 'fail', 'bump']);

function checkSetOptions(
  options: SetOptions,
  unit: EngineUnit,
): Pick<Write, 'ttl' | 'expiresAt' | 'onConflict' | 'maxBump' | 'ifSeq'> {
  checkOptions(options, 'a write');
  const { ttl, expiresAt, onConflict = 'replace', maxBump = bumpMaxDefault, ifSeq } = options;
  if (!conflictModes.has(onConflict)) {
    throw invalidArgument(`onConflict ${shown(onConflict)} is none of replace, fail and bump`);
  }
  if (ttl !== undefined && expiresAt !== undefined) {
    throw invalidArgument('ttl and expiresAt exclude each other; give one of them');
  }
  if (ifSeq !== undefined && ifSeq !== 'none') checkPositive(ifSeq, 'ifSeq');
  return {
    ttl: ttl === undefined ? undefined : checkPositive(ttl, 'ttl'),
    expiresAt: expiresAt === undefined ? undefined : checkTime(expiresAt, unit, 'expiresAt'),
    onConflict,
    maxBump: checkMaxBump(maxBump),
    ifSeq,
  };
}

export function setWrite<V>(
  checking: Checking<V>,
  target: { key: string; value: V; at: Time | undefined },
  options: SetOptions,
): Write {
  const key = checkKey(target.key);
  const value = checkValue(target.value, checking);
  const at =
    target.at === undefined ? undefined : checkTime(target.at, checking.unit, 'the timestamp');
  const { ttl, expiresAt, onConflict, maxBump, ifSeq } = checkSetOptions(options, checking.unit);
  // Not `...`: to spread costs a load several times what the checks do.
  return { kind: Kind.value, key, value, at, ttl, expiresAt, onConflict, maxBump, ifSeq };
}

/** What a write has that asks for nothing but to be written. */
const noConditions = {
  ttl: undefined,
  expiresAt: undefined,
  onConflict: 'replace',
  maxBump: bumpMaxDefault,
  ifSeq: undefined,
} as const;

export function deleteWrite(unit: EngineUnit, key: string, at: Time | undefined): Write {
  return {
    ...noConditions,
    kind: Kind.tombstone,
    key: checkKey(key),
    value: emptyValue,
    at: at === undefined ? undefined : checkTime(at, unit, 'the timestamp'),
  };
}

export function eraseWrite(unit: EngineUnit, key: string, at: Time | 'all'): Write {
  const isAll = at === 'all';
  return {
    ...noConditions,
    kind: isAll ? Kind.historyErasure : Kind.erasure,
    key: checkKey(key),
    value: emptyValue,
    at: isAll ? undefined : checkTime(at, unit, "the version's timestamp"),
  };
}

/** @param row has been checked */
export function bytesWrite({ bytes, keyStart, keyEnd, valueStart, valueEnd, at }: RowBytes): Write {
  const key = copyOf(bytes.subarray(keyStart, keyEnd));
  const value = copyOf(bytes.subarray(valueStart, valueEnd));
  return { ...noConditions, kind: Kind.value, key, value, at };
}

function operationWrite<V>(checking: Checking<V>, operation: Operation<V>): Write {
  // Callers without types may pass anything.
  if (!isObject(operation)) {
    throw invalidArgument(`an operation of a batch is an object, not ${shown(operation)}`);
  }
  switch (operation.type) {
    case 'set': {
      const { key, value, at } = operation;
      return setWrite(checking, { key, value, at }, operation);
    }
    case 'delete':
      return deleteWrite(checking.unit, operation.key, operation.at);
    case 'erase':
      return eraseWrite(checking.unit, operation.key, operation.at);
    default: {
      const { type } = operation as { type: unknown };
      throw invalidArgument(`operation type ${shown(type)} is none of set, delete and erase`);
    }
  }
}

/** What `load` gets: rows that can be gone through. */
export function checkRows<T extends object>(rows: T): T {
  const isIterable = isObject(rows) && (Symbol.iterator in rows || Symbol.asyncIterator in rows);
  if (isIterable) return rows;
  throw invalidArgument(`load takes an iterable of rows, such as an array, not ${shown(rows)}`);
}

/** A row of a load that asks for nothing but a value at a time. One object serves for all of them. */
export class PlainRow implements RecordContent {
  readonly kind = Kind.value;
  readonly expiresAt = Infinity;
  key: Buffer = emptyValue;
  value: Buffer = emptyValue;
  timestamp = 0;
  /** False: its timestamp is yet to be given. */
  isTimed = false;
}

/**
 * Reads a row that is plain, as nearly all are, without making anything that outlives it: key and
 * value hold until the next one.
 * @returns false for any other, which `rowWrite` reads
 */
export function readPlainRow<V>(checking: Checking<V>, row: LoadRow<V>, into: PlainRow): boolean {
  if (!isObject(row) || row.value === undefined || row.state !== undefined) return false;
  if (row.ttl !== undefined || row.expiresAt !== undefined || row.ifSeq !== undefined) return false;
  if (row.onConflict !== undefined || row.maxBump !== undefined) return false;
  const { key, at } = row;
  if (at === undefined && checking.unit !== 'us') return false;
  briefKey(key);
  into.value = checkValue(row.value, checking);
  into.key = briefKey(key); // Once more, since a codec may have read from a store.
  into.isTimed = at !== undefined;
  into.timestamp = at === undefined ? 0 : checkTime(at, checking.unit, 'the timestamp');
  return true;
}

const rowStates = new Set(['value', 'deleted', 'expired']);

export function rowWrite<V>(checking: Checking<V>, row: LoadRow<V>): Write {
  if (!isObject(row)) throw invalidArgument(`a row of a load is an object, not ${shown(row)}`);
  const { key, at, value, state = 'value', ttl, expiresAt } = row;
  if (!rowStates.has(state)) {
    throw invalidArgument(`state ${shown(state)} is none of value, deleted and expired`);
  }
  if (state === 'deleted') {
    if (value !== undefined || ttl !== undefined || expiresAt !== undefined) {
      throw invalidArgument(
        `${shown(key)} is deleted, and can have no value, ttl or expiresAt; leave them out`,
      );
    }
    const write = deleteWrite(checking.unit, key, at);
    return { ...write, ...checkSetOptions(row, checking.unit) };
  }
  if (state === 'expired' && value === undefined) return stubWrite(checking.unit, row);
  if (value === undefined) {
    throw invalidArgument(`${shown(key)} has no value; for a deletion say state: 'deleted'`);
  }
  return setWrite(checking, { key, value, at }, row);
}

function stubWrite<V>(unit: EngineUnit, row: LoadRow<V>): Write {
  const { key, at, expiresAt } = row;
  if (at === undefined || expiresAt === undefined) {
    throw invalidArgument(
      `${shown(key)} has expired and has no value: then it needs its timestamp and expiresAt`,
    );
  }
  const timestamp = checkTime(at, unit, 'the timestamp');
  const empty = { kind: Kind.importedStub, key: checkKey(key), value: emptyValue, at: timestamp };
  return { ...empty, ...checkSetOptions(row, unit) };
}

/**
 * The operations of a batch, checked.
 * @throws ERR_TIMEKV_INVALID_ARGUMENT, naming the operation that is to blame, if one is
 */
export function batchWrites<V>(
  checking: Checking<V>,
  operations: readonly Operation<V>[],
): Write[] {
  // Callers without types may pass anything.
  const given: unknown = operations;
  if (!Array.isArray(given)) {
    throw invalidArgument(`a batch is an array of operations, not ${typeof given}`);
  }
  checkBatchLength(operations.length);
  const writes: Write[] = [];
  try {
    for (const operation of operations) writes.push(operationWrite(checking, operation));
  } catch (error) {
    throw atOperation(error, writes.length);
  }
  checkBatchBytes(writes);
  return writes;
}

/** Looked at before the operations are: nobody is to wait for the check of what is refused anyway. */
function checkBatchLength(length: number): void {
  if (length <= batchOperationsMax) return;
  throw invalidArgument(
    `a batch has at most ${batchOperationsMax} operations, not ${length}; split it, or use load`,
  );
}

/** @throws ERR_TIMEKV_INVALID_ARGUMENT if it is too large to be applied as one */
function checkBatchBytes(writes: readonly Write[]): void {
  const bytes = writes.reduce((sum, write) => sum + write.key.length + write.value.length + 24, 0);
  if (bytes > batchBytesMax) {
    throw invalidArgument(
      `a batch has at most ${batchBytesMax / MiB} MiB, not ${(bytes / MiB).toFixed(1)}; split it, or use load`,
    );
  }
}
