/** Answers of many rows, as fast as they are taken, and watchers. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import type { Admission } from './admission.js';
import type { Exchange } from './exchange.js';
import { refusalOf } from './problem.js';
import { linesType } from './values.js';

/** So much is gathered before it goes out… */
const pieceChars = 64 * 1024;
/** …and for no longer than this: others want their turn. */
const pieceMs = 5;
const rowsPerLook = 16;

/** Answers with one line of JSON for each row. What fails before the first piece fails as a whole. */
export async function sendRows<Row>(
  exchange: Exchange,
  admission: Admission,
  rows: Iterable<Row>,
  toJson: (row: Row) => unknown,
): Promise<void> {
  const iterator = rows[Symbol.iterator]();
  const first = nextPiece(iterator, toJson);
  try {
    admission.requireRoom(first.bytes.length);
    if (first.isLast) {
      exchange.send(200, linesType, first.bytes);
      return;
    }
    admission.enterStream(exchange.response);
    exchange.begin(200, ['content-type', linesType]);
    await sendPieces(exchange, admission, first, () => nextPiece(iterator, toJson));
  } finally {
    iterator.return?.();
  }
}

/** Lines, as bytes: a connection would hold a text and its bytes. */
interface Piece {
  bytes: Buffer;
  isLast: boolean;
}

function nextPiece<Row>(iterator: Iterator<Row>, toJson: (row: Row) => unknown): Piece {
  const start = performance.now();
  let text = '';
  let isLast = false;
  for (let count = 1; text.length < pieceChars; count++) {
    const next = iterator.next();
    isLast = next.done === true;
    if (next.done === true) break;
    text += `${JSON.stringify(toJson(next.value))}\n`;
    if (count % rowsPerLook === 0 && performance.now() - start > pieceMs) break;
  }
  return { bytes: Buffer.from(text), isLast };
}

async function sendPieces(
  exchange: Exchange,
  admission: Admission,
  first: Piece,
  next: () => Piece,
): Promise<void> {
  const { response } = exchange;
  const stop = exchange.stopSignal();
  try {
    for (let piece = first; ; piece = next()) {
      await written(response, piece.bytes, admission, stop);
      if (piece.isLast) break;
      await nextTurn();
      // How large the next one will be nobody knows.
      await admission.room(Infinity, stop);
      stop.throwIfAborted();
    }
    response.end();
  } catch (error) {
    await breakOff(response, error, stop);
  }
}

/**
 * Who reads an answer that could not be finished must not take it for a whole one: its last line is the
 * error, and then the connection ends without the mark of the end.
 */
async function breakOff(
  response: ServerResponse,
  error: unknown,
  stop: AbortSignal,
): Promise<void> {
  const line = `${JSON.stringify({ error: refusalOf(error).error })}\n`;
  if (!response.destroyed) {
    await new Promise<void>((resolve) => {
      response.once('close', resolve);
      response.write(line, () => {
        resolve();
      });
    });
  }
  response.destroy();
  if (!stop.aborted) throw error;
}

/** Resolves when there is room for more. @throws the reason of the signal */
export async function written(
  response: ServerResponse,
  bytes: string | Buffer,
  admission: Admission,
  stop: AbortSignal,
): Promise<void> {
  if (!response.write(bytes)) await admission.untilTaken(response, stop);
  stop.throwIfAborted();
}
