/** Answers of many rows, as fast as they are taken, and watchers. */
import { once } from 'node:events';
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
  if (first.isLast) {
    exchange.send(200, linesType, Buffer.from(first.text));
    return;
  }
  try {
    admission.enterStream(exchange.response);
    exchange.begin(200, ['content-type', linesType]);
    await sendPieces(exchange, first.text, () => nextPiece(iterator, toJson));
  } finally {
    iterator.return?.();
  }
}

interface Lines {
  text: string;
  isLast: boolean;
}

function nextPiece<Row>(iterator: Iterator<Row>, toJson: (row: Row) => unknown): Lines {
  const start = performance.now();
  let text = '';
  for (let count = 1; text.length < pieceChars; count++) {
    const next = iterator.next();
    if (next.done === true) return { text, isLast: true };
    text += `${JSON.stringify(toJson(next.value))}\n`;
    if (count % rowsPerLook === 0 && performance.now() - start > pieceMs) break;
  }
  return { text, isLast: false };
}

async function sendPieces(exchange: Exchange, first: string, next: () => Lines): Promise<void> {
  const { response } = exchange;
  const stop = exchange.stopSignal();
  try {
    let piece: Lines = { text: first, isLast: false };
    for (;;) {
      await written(response, piece.text, stop);
      if (piece.isLast) break;
      await nextTurn();
      stop.throwIfAborted();
      piece = next();
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
  text: string,
  stop: AbortSignal,
): Promise<void> {
  if (!response.write(text)) await once(response, 'drain', { signal: stop });
  stop.throwIfAborted();
}
