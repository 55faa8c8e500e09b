/**
 * The simple form, which earlier tools of this kind use: a key, a value and a timestamp in JSON, and a
 * value, or "", as the answer.
 */
import type { Door, Exchange } from '../exchange.js';
import { checkNames, requiredText, timeOf, type Fields } from '../parameters.js';
import { badRequest } from '../problem.js';
import type { Routes } from '../route-table.js';
import { etagOf, jsonOf, objectOf, valueOf } from '../values.js';
import { jsonValue } from '../../cli/display/shapes.js';
import { write } from './key.js';

export function simpleRoutes(routes: Routes, door: Door): void {
  for (const path of ['/', '/api/v1']) {
    routes.get(path, (exchange) => getSimply(door, exchange), { body: 'json' });
    routes.put(path, (exchange) => putSimply(door, exchange), { body: 'json' });
  }
}

async function putSimply(door: Door, exchange: Exchange): Promise<void> {
  exchange.requireWritable();
  checkNames(exchange.query, []);
  const fields = objectOf(jsonOf(exchange.body), 'the body');
  checkNames(fields, ['key', 'value', 'timestamp']);
  if (fields['value'] === undefined) throw badRequest('value is missing');
  const at = await timeOf(fields, 'timestamp', door.times);
  await write(door, exchange, {
    type: 'set',
    key: requiredText(fields, 'key'),
    value: valueOf(fields['value']),
    ...(at !== undefined && { at }),
  });
}

async function getSimply(door: Door, exchange: Exchange): Promise<void> {
  const fields = simpleFields(exchange);
  checkNames(fields, ['key', 'timestamp']);
  const key = requiredText(fields, 'key');
  const at = await timeOf(fields, 'timestamp', door.times);
  const version = door.store.version(key, at);
  door.admission.requireRoom(version?.value?.length ?? 0);
  const value = version?.value === undefined ? '' : jsonValue(version.value);
  exchange.sendJson(value, version === undefined ? [] : ['etag', etagOf(version.seq)]);
}

/** From the body, or from the query where clients cannot send one. */
function simpleFields({ body, query }: Exchange): Fields {
  const isAsked = Object.keys(query).length > 0;
  if (body.length === 0) {
    if (isAsked) return query;
    throw badRequest('key is missing: send {"key": …} as the body, or ?key=…; all else: /docs');
  }
  if (isAsked) throw badRequest('send the key in the body or in the query, not in both');
  return objectOf(jsonOf(body), 'the body');
}
