/** Answers of many rows: histories, keys, values, differences. */
import { given } from '../../cli/base/store-access.js';
import { diffShape, keyShape } from '../../cli/display/shapes.js';
import type { HistoryOptions, ScanOptions, Version } from '../../index.js';
import type { Door, Exchange } from '../exchange.js';
import { checkNames, countOf, flagOf, requiredText, textOf, timeOf } from '../parameters.js';
import { badRequest, nothingThere } from '../problem.js';
import type { Routes } from '../route-table.js';
import type { ServedStore } from '../served-store.js';
import { sendRows } from '../streams.js';

const rangeNames = ['prefix', 'start', 'end', 'at', 'limit', 'reverse'];

export function rowRoutes(routes: Routes, door: Door): void {
  routes.stream('/api/v1/keys/:key/history', (exchange) => history(door, exchange));
  routes.stream('/api/v1/keys', (exchange) => keys(door, exchange));
  routes.stream('/api/v1/scan', (exchange) => scan(door, exchange));
  routes.stream('/api/v1/diff', (exchange) => diff(door, exchange));
}

async function history(door: Door, exchange: Exchange): Promise<void> {
  const { query, key } = exchange;
  checkNames(query, ['from', 'to', 'limit', 'reverse']);
  const options = given({
    from: await timeOf(query, 'from', door.times),
    to: await timeOf(query, 'to', door.times),
    limit: countOf(query, 'limit'),
    reverse: flagOf(query, 'reverse'),
  });
  const rows = historyOf(door.store, key, options);
  await sendRows(exchange, door.admission, rows, (version) => exchange.versionJson(version));
}

/** That none of its versions is asked for is an answer; that it has none is another. */
function* historyOf(
  store: ServedStore,
  key: string,
  options: HistoryOptions,
): Generator<Version<Buffer>> {
  let hasRows = false;
  for (const version of store.history(key, options)) {
    hasRows = true;
    yield version;
  }
  if (hasRows) return;
  const [any] = store.history(key, { limit: 1, reverse: true });
  if (any === undefined) throw nothingThere(`${JSON.stringify(key)} has no history`);
}

async function scan(door: Door, exchange: Exchange): Promise<void> {
  checkNames(exchange.query, rangeNames);
  const rows = door.store.scan(await rangeOf(door, exchange));
  await sendRows(exchange, door.admission, rows, (version) => exchange.versionJson(version));
}

async function keys(door: Door, exchange: Exchange): Promise<void> {
  const { query } = exchange;
  checkNames(query, [...rangeNames, 'all']);
  const all = flagOf(query, 'all');
  if (all === true && query['at'] !== undefined) {
    throw badRequest('all and at exclude each other: all keys with a history have no time');
  }
  const rows = door.store.keys({ ...(await rangeOf(door, exchange)), ...given({ all }) });
  await sendRows(exchange, door.admission, rows, (key) => keyShape.json(key));
}

async function rangeOf(door: Door, { query }: Exchange): Promise<ScanOptions> {
  return given({
    prefix: textOf(query, 'prefix'),
    start: textOf(query, 'start'),
    end: textOf(query, 'end'),
    at: await timeOf(query, 'at', door.times),
    limit: countOf(query, 'limit'),
    reverse: flagOf(query, 'reverse'),
  });
}

async function diff(door: Door, exchange: Exchange): Promise<void> {
  const { query } = exchange;
  checkNames(query, ['from', 'to', 'prefix']);
  requiredText(query, 'from');
  const from = (await timeOf(query, 'from', door.times)) ?? 0;
  const to = await timeOf(query, 'to', door.times);
  const rows = door.store.diff(from, to, given({ prefix: textOf(query, 'prefix') }));
  await sendRows(exchange, door.admission, rows, (difference) => diffShape.json(difference));
}
