/** Several writes, all or none. */
import { given } from '../../cli/base/store-access.js';
import type { Operation } from '../../index.js';
import type { Door, Exchange } from '../exchange.js';
import {
  checkNames,
  requiredText,
  shown,
  timeOf,
  writeNames,
  writeOptions,
  type Fields,
} from '../parameters.js';
import { badRequest } from '../problem.js';
import type { Routes } from '../route-table.js';
import { jsonOf, objectOf, valueOf } from '../values.js';

export function batchRoutes(routes: Routes, door: Door): void {
  routes.post('/api/v1/batch', (exchange) => postBatch(door, exchange), { body: 'json' });
}

async function postBatch(door: Door, exchange: Exchange): Promise<void> {
  exchange.requireWritable();
  checkNames(exchange.query, []);
  const rows = jsonOf(exchange.body);
  if (!Array.isArray(rows)) throw badRequest('a batch is a JSON array of operations');
  const operations: Operation<Buffer>[] = [];
  for (const [place, row] of rows.entries()) {
    try {
      operations.push(await operationOf(door, row));
    } catch (error) {
      throw at(place, error);
    }
  }
  exchange.enter();
  await door.turn.over();
  const { answers, firstSeq, seqs } = await door.store.commit(operations);
  exchange.sendJson(
    operations.map(({ type, key }, place) => {
      const answer = answers[place];
      if (type === 'erase') return { key, erased: answer };
      return { key, timestamp: answer, seq: seqs === undefined ? firstSeq + place : seqs[place] };
    }),
  );
}

/** The same error, which names the operation as the store would. */
function at(place: number, error: unknown): unknown {
  if (error instanceof Error) return Object.assign(error, { operation: place });
  return error;
}

async function operationOf(door: Door, row: unknown): Promise<Operation<Buffer>> {
  const fields = objectOf(row, 'an operation');
  const key = requiredText(fields, 'key');
  switch (fields['type']) {
    case 'set':
      return setOf(door, fields, key);
    case 'delete': {
      checkNames(fields, ['type', 'key', 'at']);
      return { type: 'delete', key, ...given({ at: await timeOf(fields, 'at', door.times) }) };
    }
    case 'erase': {
      checkNames(fields, ['type', 'key', 'at']);
      if (fields['at'] === 'all') return { type: 'erase', key, at: 'all' };
      const time = await timeOf(fields, 'at', door.times);
      if (time === undefined) throw badRequest('an erase needs at: a time of a version, or "all"');
      return { type: 'erase', key, at: time };
    }
    default:
      throw badRequest(`type ${shown(fields['type'])} is none of "set", "delete" and "erase"`);
  }
}

async function setOf(door: Door, fields: Fields, key: string): Promise<Operation<Buffer>> {
  checkNames(fields, ['type', 'key', 'value', 'at', 'ifSeq', ...writeNames]);
  const ifSeq = seqOf(fields['ifSeq']);
  const options = await writeOptions(fields, door.times);
  return { type: 'set', key, value: valueOf(fields['value']), ...options, ...given({ ifSeq }) };
}

function seqOf(ifSeq: unknown): number | 'none' | undefined {
  if (ifSeq === undefined || ifSeq === 'none' || typeof ifSeq === 'number') return ifSeq;
  throw badRequest(`ifSeq ${shown(ifSeq)} is neither a seq nor "none"`);
}
