/** The bytes of a body, as many as there may be, counted while they come. */
import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { valueBytesMax } from '../cli/base/limits.js';
import type { Admission } from './admission.js';
import { jsonBytesMax } from './limits.js';
import { badRequest, tooLarge } from './problem.js';

/** Reads a body whole. @throws Problem 413, 415, 503 */
export async function readBody(
  request: FastifyRequest,
  payload: Readable,
  admission: Admission,
): Promise<Buffer> {
  const { headers } = request;
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw badRequest(`Content-Encoding ${JSON.stringify(encoding)}: send the body as it is`, 415);
  }
  const max = request.routeOptions.config.isValue === true ? valueBytesMax : jsonBytesMax;
  const length = headers['content-length'];
  if (length !== undefined && Number(length) > max) throw larger(max);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // The connection stays, for the answer.
    const coming: AsyncIterable<Buffer> = payload.iterator({ destroyOnReturn: false });
    for await (const chunk of coming) {
      if (bytes + chunk.length > max) throw larger(max);
      admission.hold(chunk.length);
      bytes += chunk.length;
      chunks.push(chunk);
    }
  } catch (error) {
    // What still comes is passed over: until then the client does not listen, or the connection is lost.
    payload.resume();
    throw error;
  } finally {
    admission.release(bytes);
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes);
}

function larger(max: number): Error {
  return tooLarge(`the body is larger than ${max} bytes, which is the most here`);
}
