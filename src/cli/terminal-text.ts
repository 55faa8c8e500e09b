/** Text that can be shown on a terminal without driving it. */
import { isUtf8 } from 'node:buffer';

/**
 * What a terminal may act on: control characters (C0, DEL, C1), line and paragraph separators, and
 * the marks that turn the direction of writing.
 */
// eslint-disable-next-line no-control-regex -- these are the characters that it is about
const driving = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const named: Record<string, string> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** One line that can be shown. */
export function visible(text: string): string {
  return text.replace(driving, (character) => named[character] ?? escaped(character));
}

/** The same with line ends and tabs left as they are. */
export function visibleLines(text: string): string {
  return text.replace(driving, (character) =>
    character === '\n' || character === '\t' ? character : (named[character] ?? escaped(character)),
  );
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x80
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** The bytes as text; bytes that are no UTF-8 become `\xHH`. */
export function readable(bytes: Uint8Array): string {
  const buffer = asBuffer(bytes);
  return isUtf8(buffer) ? buffer.toString() : withEscapedBytes(buffer, (text) => text);
}

/**
 * The bytes as text, with `\xHH` for each byte that is no UTF-8.
 * @param treat what is done to each stretch of valid text in between
 */
export function withEscapedBytes(bytes: Buffer, treat: (text: string) => string): string {
  const parts: string[] = [];
  let start = 0;
  let position = 0;
  while (position < bytes.length) {
    const length = sequenceLength(bytes, position);
    if (length > 0) {
      position += length;
      continue;
    }
    parts.push(treat(bytes.toString('utf8', start, position)));
    parts.push(`\\x${bytes.toString('hex', position, position + 1)}`);
    position += 1;
    start = position;
  }
  parts.push(treat(bytes.toString('utf8', start, position)));
  return parts.join('');
}

/** Bytes of the valid UTF-8 sequence that begins here; 0 if there is none. */
function sequenceLength(bytes: Buffer, position: number): number {
  const first = bytes.readUInt8(position);
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const end = position + length;
  if (length <= 1) return length;
  return end <= bytes.length && isUtf8(bytes.subarray(position, end)) ? length : 0;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
