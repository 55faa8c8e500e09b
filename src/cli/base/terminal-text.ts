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
  return code < 0x80 ? `\\x${hexDigits(code)}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** The bytes as text; bytes that are no UTF-8 become `\xHH`. */
export function readable(bytes: Uint8Array): string {
  const buffer = asBuffer(bytes);
  return (isUtf8(buffer) ? buffer : withEscapedBytes(buffer, {})).toString();
}

/**
 * The bytes with `\xHH` for each one that is no UTF-8.
 * @param names what stands for other bytes, all of them ASCII
 */
export function withEscapedBytes(bytes: Buffer, names: Readonly<Record<string, string>>): Buffer {
  const escapes = Array.from({ length: 0x80 }, (_, code) => names[String.fromCharCode(code)]);
  const target = Buffer.allocUnsafe(bytes.length * 4);
  let end = 0;
  let copied = 0;
  for (let position = 0; position < bytes.length;) {
    const length = sequenceLength(bytes, position);
    const first = bytes[position] ?? 0;
    const escape = length === 0 ? byteEscapes[first] : escapes[first];
    const next = position + Math.max(1, length);
    if (escape !== undefined) {
      end += bytes.copy(target, end, copied, position);
      for (let place = 0; place < escape.length; place += 1) {
        target[end++] = escape.charCodeAt(place);
      }
      copied = next;
    }
    position = next;
  }
  end += bytes.copy(target, end, copied);
  return target.subarray(0, end);
}

const byteEscapes = Array.from({ length: 0x100 }, (_, byte) => `\\x${hexDigits(byte)}`);

/** Bytes of the valid UTF-8 sequence that begins here; 0 if there is none. */
function sequenceLength(bytes: Buffer, position: number): number {
  const first = bytes[position] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  // Longer forms than need be, surrogates, and what lies behind the last character are none.
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  const second = bytes[position + 1] ?? 0;
  if (second < least || second > most) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  for (let place = 2; place < length; place += 1) {
    if (((bytes[position + place] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}

function hexDigits(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
