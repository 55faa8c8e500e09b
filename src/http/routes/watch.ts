/**
 * What is committed, as it is: server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 * The id of an event is the seq, so that a client that lost its connection goes on where it was.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { given } from '../../cli/base/store-access.js';
import type { Version } from '../../index.js';
import type { Admission } from '../admission.js';
import type { Door, Exchange } from '../exchange.js';
import { heartbeatMs } from '../limits.js';
import { checkNames, countOf, textOf } from '../parameters.js';
import { badRequest, refusalOf } from '../problem.js';
import type { Routes } from '../route-table.js';
import { written } from '../streams.js';

/** What is refused is refused within this time, and has a status then. */
const firstLookMs = 50;
/** A client that has lost us tries again after so long. */
const retryMs = 1000;

type Operations = AsyncIterator<Version<Buffer>>;
type Next = IteratorResult<Version<Buffer>>;

export function watchRoutes(routes: Routes, door: Door): void {
  routes.stream('/api/v1/watch', (exchange) => watch(door, exchange));
}

async function watch(door: Door, exchange: Exchange): Promise<void> {
  const { query, response } = exchange;
  checkNames(query, ['key', 'prefix', 'since']);
  const options = given({
    key: textOf(query, 'key'),
    prefix: textOf(query, 'prefix'),
    since: lastSeen(exchange) ?? countOf(query, 'since'),
  });
  door.admission.enterStream(response);
  const stop = exchange.stopSignal();
  const operations = door.store.watch({ ...options, signal: stop })[Symbol.asyncIterator]();
  try {
    const first = operations.next();
    await Promise.race([first, delay(firstLookMs)]);
    exchange.begin(200, [
      'content-type',
      'text/event-stream; charset=utf-8',
      'cache-control',
      'no-store',
    ]);
    await written(response, `retry: ${retryMs}\n\n`, door.admission, stop);
    await sendEvents(exchange, door.admission, { operations, first }, stop);
  } catch (error) {
    if (!response.headersSent && !stop.aborted) throw error;
    // The server's end is nothing that a client should hear of but as an end: it comes again.
    if (!stop.aborted) response.write(`event: error\ndata: ${errorText(error)}\n\n`);
    response.end();
  } finally {
    await operations.return?.();
  }
}

async function sendEvents(
  exchange: Exchange,
  admission: Admission,
  { operations, first }: { operations: Operations; first: Promise<Next> },
  stop: AbortSignal,
): Promise<void> {
  const { response } = exchange;
  const beat = setInterval(() => {
    // Who has not taken what is there needs nothing more.
    if (response.writableLength === 0) response.write(':\n\n');
  }, heartbeatMs);
  try {
    for (let next = await first; next.done !== true; next = await operations.next()) {
      const { value } = next;
      await admission.room(value.value?.length ?? 0, stop);
      const data = JSON.stringify(exchange.versionJson(value));
      const event = Buffer.from(`id: ${value.seq}\ndata: ${data}\n\n`);
      await written(response, event, admission, stop);
    }
  } finally {
    clearInterval(beat);
  }
}

/** Where a client was that comes again. */
function lastSeen({ headers }: Exchange): number | undefined {
  const id = headers['last-event-id'];
  if (id === undefined || id === '') return undefined;
  if (typeof id === 'string' && /^\d{1,16}$/.test(id)) return Number(id);
  throw badRequest(`Last-Event-ID ${JSON.stringify(id)} is not the id of an event, which is a seq`);
}

function errorText(error: unknown): string {
  return JSON.stringify(refusalOf(error).error);
}
