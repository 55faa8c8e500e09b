/**
 * Answers of many rows are made a piece at a time: to go through each part of the engine for one row
 * would cost more than to make it.
 */
import type { Cursor } from './base/cursor.js';
import { Kind } from './base/entry.js';
import { KiB } from './base/limits.js';
import { versionOf } from './answers.js';
import type { Decoder } from './decoder.js';
import type { Sink } from './engine/scan.js';
import type { Version } from './options.js';

/** Of values: a piece ends with the one that passes it. */
const bytesMax = 64 * KiB;

/** Rows that a walk fills in. */
export abstract class Piece<R> implements Sink {
  /** The first `count` of them; behind those is what earlier pieces had, for its memory. */
  readonly rows: R[] = [];
  count = 0;
  readonly #valuesOnly: boolean;
  #room = 0;
  #bytesRoom = 0;
  /** The entry before is a row. */
  #isTaken = false;

  /** @param valuesOnly what is no value, a tombstone or a stub, makes no row */
  constructor(valuesOnly = false) {
    this.#valuesOnly = valuesOnly;
  }

  get isFull(): boolean {
    return this.count >= this.#room || this.#bytesRoom < 0;
  }

  /** For the next piece, of so many rows at most. */
  empty(room: number): void {
    if (this.#bytesRoom < 0) this.rows.length = 0; // Large values are not kept for that.
    this.count = 0;
    this.#room = room;
    this.#bytesRoom = bytesMax;
  }

  take(key: Buffer, entry: Cursor): void {
    this.#isTaken = false;
    if (this.#valuesOnly && entry.kind !== Kind.value) return;
    this.rows[this.count] = this.row(key, entry);
    this.count++;
    this.#isTaken = true;
  }

  retake(key: Buffer, entry: Cursor): void {
    this.untake();
    this.take(key, entry);
  }

  untake(): void {
    if (this.#isTaken) this.count--;
    this.#isTaken = false;
  }

  protected countBytes(bytes: number): void {
    this.#bytesRoom -= bytes;
  }

  protected abstract row(key: Buffer, entry: Cursor): R;
}

export class TimestampPiece extends Piece<number> {
  protected row(_key: Buffer, entry: Cursor): number {
    return entry.timestamp;
  }
}

class KeyPiece extends Piece<string> {
  protected row(key: Buffer): string {
    return key.toString('utf8');
  }
}

export class VersionPiece<V> extends Piece<Version<V>> {
  readonly #decoder: Decoder<V>;
  readonly #key: string | undefined;

  /** @param key of all versions, if it is one */
  constructor(decoder: Decoder<V>, key?: string, valuesOnly = false) {
    super(valuesOnly);
    this.#decoder = decoder;
    this.#key = key;
  }

  protected row(bytes: Buffer, entry: Cursor): Version<V> {
    const key = this.#key ?? bytes.toString('utf8');
    if (entry.kind !== Kind.value) return versionOf<V>(key, entry, undefined);
    const decoder = this.#decoder;
    const isOneOfMany = this.#key !== undefined;
    const value = isOneOfMany ? decoder.valueOfMany(entry, key) : decoder.valueOf(entry, key);
    this.countBytes(decoder.bytes);
    return versionOf(key, entry, value);
  }
}

export const newKeyPiece = (): KeyPiece => new KeyPiece();
