/** Requests of which something, or nothing, is as it should be: the same seed, the same requests. */
import type { Random } from '../../support/random.js';
import * as odd from './odd-texts.js';

/** What one client sends on one connection. */
export interface Attempt {
  /** One after another, with a pause between them. */
  pieces: Buffer[];
  /** What it does then. */
  end: 'waits' | 'finishes' | 'resets';
  /** So many answers have to come; undefined: that depends. */
  answers: number | undefined;
  /** All that is asked for is headers. */
  isHead: boolean;
}

const kinds: [weight: number, make: (random: Random) => Attempt][] = [
  [8, single],
  [3, pipelined],
  [3, wild],
  [3, changed],
  [3, cut],
  [3, badlyFramed],
  [2, large],
];

export function oddAttempt(random: Random): Attempt {
  return random.pick(kinds.flatMap(([weight, make]) => Array.from({ length: weight }, () => make)))(
    random,
  );
}

/** It is clear where it ends, so that it has an answer, whatever it asks for. */
function single(random: Random): Attempt {
  const isHead = random.integer(0, 12) === 0;
  const method = isHead ? 'HEAD' : random.pick(odd.methods);
  const bytes = framed(random, { method, target: targetOf(random) });
  return { pieces: inPieces(random, bytes), end: 'waits', answers: 1, isHead };
}

/** Several at once; sometimes the last is none, and sometimes none is waited for. */
function pipelined(random: Random): Attempt {
  const requests = Array.from({ length: random.integer(2, 15) }, () => {
    const method = random.pick(['GET', 'GET', 'PUT', 'PUT', 'DELETE', 'POST']);
    return framed(random, { method, target: targetOf(random) });
  });
  if (random.integer(0, 3) === 0) requests.push(Buffer.from('what is this\r\n\r\n'));
  const answers = requests.length;
  if (random.integer(0, 4) > 0)
    return attempt(inPieces(random, Buffer.concat(requests)), 'waits', answers);
  const place = random.integer(0, requests.length);
  requests.splice(place, 0, framed(random, { method: 'GET', target: random.pick(odd.longRoutes) }));
  return attempt([Buffer.concat(requests)], random.pick(['finishes', 'resets']));
}

/** In its form nothing need be right. */
function wild(random: Random): Attempt {
  const method = random.pick([...odd.noMethods, ...odd.methods]);
  const target = random.pick([
    random.pick(odd.noTargets),
    random.pick(odd.noTargets),
    targetOf(random),
  ]);
  const version = random.pick([...odd.versions, 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1']);
  const lines = [`${method} ${target} ${version}`, 'Host: 127.0.0.1'];
  for (let count = random.integer(0, 4); count > 0; count--) {
    lines.push(random.pick([...odd.wildHeaders, ...odd.headers]));
  }
  if (random.integer(0, 5) === 0) lines.splice(1, 1);
  return attempt(inPieces(random, Buffer.concat([headOf(lines), bodyOf(random)])), 'finishes');
}

/** Some bytes of it are others, are missing, or are there twice. */
function changed(random: Random): Attempt {
  let bytes = framed(random, { method: 'PUT', target: targetOf(random) });
  for (let count = random.integer(1, 6); count > 0; count--) {
    const from = random.integer(0, bytes.length);
    const to = Math.min(bytes.length, from + random.integer(0, 20));
    const other = Buffer.from([random.integer(0, 256)]);
    const middle = random.pick([
      other,
      Buffer.alloc(0),
      bytes.subarray(from, to),
      Buffer.from('\r\n'),
    ]);
    bytes = Buffer.concat([
      bytes.subarray(0, from),
      middle,
      bytes.subarray(random.pick([from, to])),
    ]);
  }
  return attempt(inPieces(random, bytes), 'finishes');
}

/** It ends somewhere, in one way or another. */
function cut(random: Random): Attempt {
  const method = random.pick(['GET', 'PUT', 'POST']);
  const bytes = framed(random, { method, target: targetOf(random) });
  const part = bytes.subarray(0, random.integer(0, bytes.length + 1));
  return attempt(inPieces(random, part), random.pick(['finishes', 'resets', 'resets']));
}

/** Who sees the end of a request elsewhere than others do takes a part of it for another one. */
function badlyFramed(random: Random): Attempt {
  const [lines, body] = random.pick(odd.framings);
  const head = headOf(['PUT /api/v1/keys/framed HTTP/1.1', 'Host: 127.0.0.1', lines]);
  return attempt(inPieces(random, Buffer.concat([head, Buffer.from(body)])), 'finishes');
}

/** More of something than anybody needs. */
function large(random: Random): Attempt {
  const size = random.integer(10, 50_000);
  const json = random.pick(odd.largeJson)(size);
  const lines = Array.from({ length: Math.ceil(size / 20) }, (_, place) => `X-${place}: y`);
  const [framing, answers]: [Framing, number | undefined] = random.pick([
    [{ method: 'PUT', target: '/', body: Buffer.from(json) }, 1],
    [{ method: 'PUT', target: '/', body: Buffer.from(json) }, 1],
    [{ method: 'POST', target: '/api/v1/batch', body: Buffer.from(json) }, 1],
    [{ method: 'PUT', target: '/api/v1/keys/large', body: Buffer.alloc(8 * size, 1) }, 1],
    [{ method: 'GET', target: `/?${'a=b&'.repeat(size / 20)}` }, 1],
    [{ method: 'GET', target: `/api/v1/keys/${'%41'.repeat(size / 20)}` }, 1],
    [{ method: 'GET', target: `/${'x'.repeat(size)}` }, undefined],
    [{ method: 'GET', target: '/', lines: [`X: ${'y'.repeat(size)}`] }, undefined],
    [{ method: 'GET', target: '/', lines }, undefined],
  ]);
  return attempt([framed(random, framing)], answers === undefined ? 'finishes' : 'waits', answers);
}

function attempt(pieces: Buffer[], end: Attempt['end'], answers?: number): Attempt {
  return { pieces, end, answers, isHead: false };
}

interface Framing {
  method: string;
  target: string;
  body?: Buffer;
  lines?: string[];
}

/** A request whose end nobody can doubt. */
function framed(random: Random, { method, target, body = bodyOf(random), lines }: Framing): Buffer {
  const isChunked = body.length > 0 && random.integer(0, 4) === 0;
  const length = isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`;
  const more =
    lines ?? Array.from({ length: random.pick([0, 0, 1, 2]) }, () => random.pick(odd.headers));
  const head = headOf([`${method} ${target} HTTP/1.1`, 'Host: 127.0.0.1', ...more, length]);
  return Buffer.concat([head, isChunked ? chunked(random, body) : body]);
}

function headOf(lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

function chunked(random: Random, body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let offset = 0; offset < body.length;) {
    const part = body.subarray(offset, offset + random.integer(1, body.length + 1));
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
    offset += part.length;
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

function targetOf(random: Random): string {
  const key = `/api/v1/keys/${random.pick([random.pick(odd.texts), 'a', 'b', 'a%2Fb', '%E2%82%AC'])}`;
  const path = random.pick([
    key,
    key,
    key,
    `${key}/history`,
    random.pick(odd.routes),
    random.pick(odd.oddRoutes),
  ]);
  const count = random.pick([0, 0, 0, 1, 1, 2, 4]);
  const fields = Array.from({ length: count }, () => {
    return `${random.pick(odd.queryNames)}=${random.pick(odd.texts)}`;
  });
  // A wait that ends by itself.
  if (random.integer(0, 15) === 0) fields.push(`wait=${random.integer(0, 9)}ms`);
  return fields.length === 0 ? path : `${path}?${fields.join('&')}`;
}

function bodyOf(random: Random): Buffer {
  const random256 = (): number => random.integer(0, 256);
  const bytes = Buffer.from(Array.from({ length: random.integer(0, 100) }, random256));
  return random.pick([
    Buffer.alloc(0),
    Buffer.alloc(0),
    random.pick(odd.bodies),
    random.pick(odd.bodies),
    odd.noUtf8,
    bytes,
  ]);
}

/** As one, or cut in a few places. */
function inPieces(random: Random, bytes: Buffer): Buffer[] {
  if (random.integer(0, 4) > 0) return [bytes];
  const cuts = Array.from({ length: random.integer(1, 4) }, () =>
    random.integer(0, bytes.length + 1),
  );
  const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((place, at) => bytes.subarray(places[at], place));
}
