/**
 * What a server sent on one connection, taken apart as strictly as RFC 9112 has it: whoever reads a byte
 * too much or too few takes one answer for another.
 */

export interface RawAnswer {
  status: number;
  /** Names in small letters. */
  headers: ReadonlyMap<string, string>;
  body: Buffer;
}

export interface Answers {
  answers: RawAnswer[];
  /** The last one is not there as a whole. */
  isCut: boolean;
}

const statusLine = /^HTTP\/1\.1 ([1-5]\d\d) [\t\x20-\x7e]*$/;
const headerLine = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/;
/** Headers that may stand there once, and say where an answer ends or what it is. */
const single = ['content-length', 'transfer-encoding', 'content-type', 'connection'];

/**
 * @param isHead all that was asked for was headers
 * @throws what is wrong with it
 */
export function answersIn(bytes: Buffer, isHead: boolean): Answers {
  const answers: RawAnswer[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const head = headAt(bytes, offset);
    const body = head && bodyAt(bytes, head, isHead);
    if (head === undefined || body === undefined) return { answers, isCut: true };
    // 100 Continue goes before an answer.
    if (head.status >= 200) answers.push({ ...head, body: body.bytes });
    offset = body.end;
  }
  return { answers, isCut: false };
}

interface Head {
  status: number;
  headers: Map<string, string>;
  end: number;
}

function headAt(bytes: Buffer, offset: number): Head | undefined {
  const end = bytes.indexOf('\r\n\r\n', offset);
  const text = bytes.toString('latin1', offset, end === -1 ? bytes.length : end);
  const [first = '', ...lines] = text.split('\r\n');
  if (end === -1 && lines.length === 0) {
    if (!'HTTP/1.1 '.startsWith(first.slice(0, 9)))
      throw new Error(`no status line: ${shown(first)}`);
    return undefined;
  }
  const status = Number(statusLine.exec(first)?.[1]);
  if (Number.isNaN(status)) throw new Error(`no status line: ${shown(first)}`);
  if (end === -1) return undefined;
  return { status, headers: headersOf(lines), end: end + 4 };
}

function headersOf(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ''] = headerLine.exec(line) ?? [];
    if (name === undefined) throw new Error(`no header line: ${shown(line)}`);
    const small = name.toLowerCase();
    if (headers.has(small) && single.includes(small)) throw new Error(`${small} twice`);
    headers.set(small, value);
  }
  if (headers.has('content-length') && headers.has('transfer-encoding')) {
    throw new Error('content-length and transfer-encoding');
  }
  return headers;
}

interface Body {
  bytes: Buffer;
  end: number;
}

/** Undefined where it is not there as a whole. */
function bodyAt(bytes: Buffer, { status, headers, end }: Head, isHead: boolean): Body | undefined {
  if (isHead || status < 200 || status === 204 || status === 304) {
    return { bytes: Buffer.alloc(0), end };
  }
  const coding = headers.get('transfer-encoding');
  if (coding === 'chunked') return chunksAt(bytes, end);
  if (coding !== undefined) throw new Error(`transfer-encoding ${coding}`);
  const text = headers.get('content-length');
  if (text === undefined) {
    // To the end of the connection, as HTTP/1.0 has it.
    if (headers.get('connection') !== 'close') throw new Error('nothing says where the body ends');
    return { bytes: bytes.subarray(end), end: bytes.length };
  }
  if (!/^\d+$/.test(text)) throw new Error(`content-length ${text}`);
  const length = Number(text);
  if (end + length > bytes.length) return undefined;
  return { bytes: bytes.subarray(end, end + length), end: end + length };
}

function chunksAt(bytes: Buffer, start: number): Body | undefined {
  const chunks: Buffer[] = [];
  for (let offset = start; ;) {
    const lineEnd = bytes.indexOf('\r\n', offset);
    if (lineEnd === -1) return undefined;
    const line = bytes.toString('latin1', offset, lineEnd);
    if (!/^[0-9a-f]+$/i.test(line)) throw new Error(`no size of a chunk: ${shown(line)}`);
    const size = Number.parseInt(line, 16);
    const end = lineEnd + 2 + size;
    if (end + 2 > bytes.length) return undefined;
    if (bytes.toString('latin1', end, end + 2) !== '\r\n')
      throw new Error('a chunk without its end');
    if (size === 0) return { bytes: Buffer.concat(chunks), end: end + 2 };
    chunks.push(bytes.subarray(lineEnd + 2, end));
    offset = end + 2;
  }
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
