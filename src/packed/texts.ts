/**
 * Texts back to back in large pieces of memory, each behind its length: a string of JavaScript's takes
 * some 20 bytes beside its characters, and a place in a list of its own. Where all characters are
 * below 256 one takes a byte, else two, so that whatever a string holds comes back as it was.
 */
import { growing } from './growing.js';

/** A place is a number of 32 bits: of the piece, and in it. */
const offsetBits = 20;
const pieceBytes = 2 ** offsetBits;
const piecesMax = 2 ** (32 - offsetBits);
const firstBytes = 1024;
/** A length takes up to five bytes, seven bits in each. */
const lengthBytesMax = 5;
const narrow = /^[\0-\xff]*$/;

export class Texts {
  readonly #pieces: Buffer[] = [];
  /** Of the last piece. */
  #used = 0;
  #bytes = 0;
  #garbage = 0;
  /** Of the text that `#open` has found. */
  #start = 0;
  #length = 0;
  #isWide = false;

  /** True if it would pay to put together anew what is still used. */
  get isWasteful(): boolean {
    return this.#garbage > pieceBytes && 2 * this.#garbage > this.#bytes;
  }

  /**
   * @returns where it lies
   * @throws RangeError if there is no place left for it: 4 GiB of texts are the most
   */
  add(text: string): number {
    const isWide = !narrow.test(text);
    const length = isWide ? 2 * text.length : text.length;
    const room = lengthBytesMax + length;
    let piece = this.#pieces.at(-1);
    const isFull = this.#used >= pieceBytes || this.#used + room > (piece?.length ?? 0);
    if (piece === undefined || isFull) piece = this.#newPiece(room);
    const place = (this.#pieces.length - 1) * pieceBytes + this.#used;
    const start = writeLength(piece, this.#used, 2 * length + (isWide ? 1 : 0));
    write(piece, text, start, isWide);
    this.#bytes += start + length - this.#used;
    this.#used = start + length;
    return place;
  }

  get(place: number): string {
    const piece = this.#open(place);
    const end = this.#start + this.#length;
    return piece.toString(this.#isWide ? 'utf16le' : 'latin1', this.#start, end);
  }

  /** True if this very text lies there. */
  holds(place: number, text: string): boolean {
    const piece = this.#open(place);
    if (this.#isWide) return this.get(place) === text;
    if (this.#length !== text.length) return false;
    for (let at = 0; at < text.length; at++) {
      if (piece[this.#start + at] !== text.charCodeAt(at)) return false;
    }
    return true;
  }

  /** Puts another text in the place of one; answers where it lies. */
  replace(place: number, text: string): number {
    const piece = this.#open(place);
    const isWide = !narrow.test(text);
    if (isWide === this.#isWide && this.#length === (isWide ? 2 : 1) * text.length) {
      write(piece, text, this.#start, isWide);
      return place;
    }
    this.#garbage += this.#start + this.#length - (place % pieceBytes);
    return this.add(text);
  }

  #open(place: number): Buffer {
    const piece = this.#pieces[Math.floor(place / pieceBytes)] as Buffer;
    let at = place % pieceBytes;
    let number = 0;
    let scale = 1;
    for (; (piece[at] as number) >= 0x80; at++) {
      number += ((piece[at] as number) - 0x80) * scale;
      scale *= 0x80;
    }
    number += (piece[at] as number) * scale;
    this.#start = at + 1;
    this.#isWide = number % 2 === 1;
    this.#length = Math.floor(number / 2);
    return piece;
  }

  /** One with so much room: the first one grows, later ones are large; a large text has its own. */
  #newPiece(room: number): Buffer {
    const last = this.#pieces.at(-1);
    if (this.#pieces.length === 1 && last !== undefined && last.length < pieceBytes) {
      const size = growing(last.length, this.#used + room);
      if (size <= pieceBytes) {
        const grown = Buffer.allocUnsafeSlow(size);
        last.copy(grown, 0, 0, this.#used);
        this.#pieces[0] = grown;
        return grown;
      }
    }
    if (this.#pieces.length === piecesMax) {
      throw new RangeError('the map is full: it holds up to 4 GiB of keys and values');
    }
    const size = last === undefined ? growing(firstBytes, room) : Math.max(pieceBytes, room);
    const piece = Buffer.allocUnsafeSlow(size);
    this.#pieces.push(piece);
    this.#used = 0;
    return piece;
  }
}

function write(piece: Buffer, text: string, start: number, isWide: boolean): void {
  piece.write(text, start, isWide ? 'utf16le' : 'latin1');
}

/** @returns where it ends */
function writeLength(piece: Buffer, start: number, length: number): number {
  let at = start;
  let rest = length;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) piece[at++] = 0x80 + (rest % 0x80);
  piece[at++] = rest;
  return at;
}
