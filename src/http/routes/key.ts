/** One key: its value as of a time, and writes to it. */
import type { Version } from '../../index.js';
import { ClientGone, type Door, type Exchange } from '../exchange.js';
import { versionLines } from '../header-lines.js';
import {
  checkNames,
  type Fields,
  millisecondsOf,
  timeOf,
  writeNames,
  writeOptions,
} from '../parameters.js';
import { badRequest, nothingThere } from '../problem.js';
import type { Routes } from '../route-table.js';
import {
  checkJsonValue,
  conditionOf,
  etagOf,
  isJsonType,
  isKnown,
  jsonType,
  typeFor,
} from '../values.js';

/** A key's value. */
export const valuePath = '/api/v1/keys/:key';

const readNames = ['at', 'wait'];

export function keyRoutes(routes: Routes, door: Door): void {
  routes.get(valuePath, (exchange) => getValue(door, exchange));
  routes.put(valuePath, (exchange) => putValue(door, exchange), { body: 'value' });
  routes.delete(valuePath, (exchange) => deleteKey(door, exchange));
}

/** Answers at once where nothing has to be waited for. */
function getValue(door: Door, exchange: Exchange): void | Promise<void> {
  const { query, key } = exchange;
  checkNames(query, readNames);
  const at = timeOf(query, 'at', door.times);
  if (at instanceof Promise || query['wait'] !== undefined) return getLater(door, exchange, at);
  sendVersion(door, exchange, door.store.version(key, at));
}

async function getLater(
  door: Door,
  exchange: Exchange,
  time: Promise<number> | number | undefined,
): Promise<void> {
  const { query, key } = exchange;
  const { store } = door;
  const at = await time;
  const timeout = millisecondsOf(query, 'wait');
  if (timeout !== undefined) {
    if (at === undefined) throw badRequest('wait needs at, the time that the answer is as of');
    exchange.enter();
    exchange.mayTakeLong();
    try {
      await store.when(key, at, { timeout, signal: exchange.stopSignal() });
    } catch (error) {
      if (error instanceof ClientGone) return;
      throw error;
    }
  }
  sendVersion(door, exchange, store.version(key, at));
}

function sendVersion(door: Door, exchange: Exchange, version: Version<Buffer> | undefined): void {
  const { headers, key } = exchange;
  if (version?.value === undefined) throw noValue(key);
  const { value } = version;
  const lines = versionLines(version);
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined && isKnown(version, ifNoneMatch)) {
    exchange.sendHeader(304, lines);
    return;
  }
  door.admission.requireRoom(value.length);
  exchange.send(200, typeFor(value, headers.accept), value, lines);
}

function noValue(key: string): Error {
  return nothingThere(`${JSON.stringify(key)} has no value as of that time`);
}

function isEmpty(fields: Fields): boolean {
  for (const _ in fields) return false;
  return true;
}

async function putValue(door: Door, exchange: Exchange): Promise<void> {
  exchange.requireWritable();
  const { query, headers, key, body } = exchange;
  checkNames(query, ['at', ...writeNames]);
  if (isJsonType(headers['content-type'])) checkJsonValue(body);
  if (headers['content-range'] !== undefined) {
    throw badRequest('a value is written whole; send it without Content-Range');
  }
  const condition = conditionOf(headers);
  // Most writes have none, and to wait for them takes as long as to route the request.
  const options = isEmpty(query) ? {} : await writeOptions(query, door.times);
  return write(door, exchange, { type: 'set', key, value: body, ...options, ...condition });
}

async function deleteKey(door: Door, exchange: Exchange): Promise<void> {
  exchange.requireWritable();
  const { query, headers, key } = exchange;
  checkNames(query, ['at']);
  if (headers['if-match'] !== undefined || headers['if-none-match'] !== undefined) {
    throw badRequest('delete takes no condition; send it without If-Match and If-None-Match');
  }
  const at = await timeOf(query, 'at', door.times);
  await write(door, exchange, { type: 'delete', key, ...(at !== undefined && { at }) });
}

/** Commits one version, and answers with its timestamp and seq. */
export async function write(
  door: Door,
  exchange: Exchange,
  operation: Parameters<Door['store']['commit']>[0][number],
): Promise<void> {
  exchange.enter();
  await door.turn.over();
  try {
    const { answers, firstSeq } = await door.store.commit([operation]);
    const text = `{"timestamp":${answers[0]},"seq":${firstSeq}}`;
    exchange.send(200, jsonType, text, ['etag', etagOf(firstSeq)]);
  } catch (error) {
    // Where there is one alone, which one it was is nothing to tell.
    if (error instanceof Error) Reflect.set(error, 'operation', undefined);
    throw error;
  }
}
