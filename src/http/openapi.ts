/** What the server can be asked, for programs: OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0). */
import { jsonBytesMax, portDefault } from './limits.js';

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: true;
  description: string;
  schema: object;
}

interface Content {
  description: string;
  content?: Record<string, { schema: object }>;
}

export interface Operation {
  summary: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: Content & { required: true };
  responses: Record<string, Content>;
  /** Empty: no token is asked for. */
  security?: [];
}

export interface OpenApi {
  openapi: '3.1.0';
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  security: Record<string, string[]>[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; securitySchemes: Record<string, object> };
}

const text = { type: 'string' };
const integer = { type: 'integer' };
const ref = (name: string): object => ({ $ref: `#/components/schemas/${name}` });

function query(name: string, description: string, schema: object = text): Parameter {
  return { name, in: 'query', description, schema };
}

function header(name: string, description: string): Parameter {
  return { name, in: 'header', description, schema: text };
}

const keyInPath: Parameter = {
  name: 'key',
  in: 'path',
  required: true,
  description: 'the key, percent-encoded: a slash in it is %2F',
  schema: text,
};

const timeForms = "an integer in the store's unit, 2026-03-29, 2026-03-29T01:00Z, @1700000000, -2h";
const at = query('at', `as of this time; default now. ${timeForms}`);
const atToWrite = query('at', `the version's timestamp; default now. ${timeForms}`);
const prefix = query('prefix', 'only keys that begin so');
const limit = query('limit', 'at most so many', integer);
const reverse = query('reverse', 'in reverse order', { type: 'boolean' });
const range = [
  prefix,
  query('start', 'first key, included'),
  query('end', 'last key, excluded'),
  at,
  limit,
  reverse,
];
const ttl = query('ttl', 'valid for so long after its timestamp: 30m, 7d');
const writing = [
  ttl,
  query('expiresAt', 'valid until this time'),
  query('onConflict', 'where the timestamp is taken: replace (default), fail or bump'),
  query('maxBump', 'how much later bump may write; default 1000', integer),
];

const any = { type: 'string', format: 'binary' };
const bytes = {
  'application/octet-stream': { schema: any },
  'text/plain': { schema: text },
  'application/json': { schema: {} },
};
const json = (schema: object): Record<string, { schema: object }> => ({
  'application/json': { schema },
});
const lines = (schema: object): Record<string, { schema: object }> => ({
  'application/x-ndjson': { schema },
});

const refused = (description: string): Content => ({ description, content: json(ref('Error')) });
const badInput = { '400': refused('what was sent cannot be used; the message says why') };
const truncated = { '410': refused('retention no longer keeps that part of history') };
const busy = { '503': refused('busy, too much at once, or out of time: may be tried again') };
const written: Content = {
  description: 'committed: durable, and seen by every read; ETag is its seq',
  content: json(ref('Written')),
};
const writeRefusals = {
  ...badInput,
  '403': refused('the server only reads'),
  '409': refused('a condition does not hold, or the timestamp is taken; nothing was written'),
  ...truncated,
  '413': refused('the body is too large'),
  ...busy,
};

const value: Record<string, Operation> = {
  get: {
    summary: 'The value of a key as of a time.',
    description:
      'ETag is the seq of its version; timekv-timestamp and timekv-expires-at are its times. As bytes, unless Accept asks for text or JSON and the value is that.',
    parameters: [
      keyInPath,
      at,
      query(
        'wait',
        'with an at in the future: wait so long (30s) for a version up to then, or for then',
      ),
      header('If-None-Match', 'an ETag: 304 where that is still the version'),
    ],
    responses: {
      '200': { description: 'the value', content: bytes },
      '304': { description: 'it is the version of If-None-Match' },
      ...badInput,
      '404': refused('there is no value as of that time'),
      '406': refused('the value is no text, or no JSON'),
      ...truncated,
      ...busy,
    },
  },
  put: {
    summary: 'Writes a version of a key; the body is the value.',
    description:
      'Of any content type, byte by byte; what is sent as application/json must be JSON.',
    parameters: [
      keyInPath,
      atToWrite,
      ...writing,
      header('If-Match', 'an ETag: only if a read as of then would answer from that version'),
      header('If-None-Match', '*: only if such a read would find nothing'),
    ],
    requestBody: { description: 'the value, at most 16 MiB', required: true, content: bytes },
    responses: { '200': written, ...writeRefusals },
  },
  delete: {
    summary: 'Writes a tombstone: from then on there is no value. Earlier times are not touched.',
    parameters: [keyInPath, atToWrite],
    responses: { '200': written, ...writeRefusals },
  },
};

const simple: Record<string, Operation> = {
  get: {
    summary: 'The simple form: the value of a key as a JSON string, "" if there is none.',
    description: 'The same two fields may come in a JSON body.',
    parameters: [
      { ...query('key', 'the key'), required: true },
      query('timestamp', `as of this time; default now. ${timeForms}`),
    ],
    responses: {
      '200': { description: 'the value, or ""', content: json(ref('Value')) },
      ...badInput,
      ...truncated,
    },
  },
  put: {
    summary: 'The simple form of a write.',
    requestBody: {
      description: 'key, value, and a timestamp unless it is now',
      required: true,
      content: json({
        type: 'object',
        required: ['key', 'value'],
        properties: { key: text, value: ref('Value'), timestamp: ref('Time') },
        additionalProperties: false,
      }),
    },
    responses: { '200': written, ...writeRefusals },
  },
};

function rows(summary: string, parameters: Parameter[], row: string): Record<string, Operation> {
  const answer = { description: 'a line of JSON for each', content: lines(ref(row)) };
  return {
    get: { summary, parameters, responses: { '200': answer, ...badInput, ...truncated, ...busy } },
  };
}

const history = rows(
  'The versions of a key, oldest first: tombstones, expired and future ones too.',
  [
    keyInPath,
    query('from', 'first timestamp, included'),
    query('to', 'last timestamp, included'),
    limit,
    reverse,
  ],
  'Version',
);

const batch: Record<string, Operation> = {
  post: {
    summary: 'Several writes, all or none, with one now.',
    description: 'A refusal names the operation, counted from 0.',
    requestBody: {
      description: `a JSON array of operations, at most ${jsonBytesMax / 1024 ** 2} MiB`,
      required: true,
      content: json({ type: 'array', items: ref('Operation') }),
    },
    responses: {
      '200': {
        description: 'what became of each, in their order',
        content: json({ type: 'array', items: ref('BatchAnswer') }),
      },
      ...writeRefusals,
    },
  },
};

const watch: Record<string, Operation> = {
  get: {
    summary: 'Operations as they are committed, in the order of their seqs: server-sent events.',
    description: 'The id of an event is its seq; a client that comes again goes on behind it.',
    parameters: [
      query('key', 'only this key'),
      prefix,
      query('since', 'begin behind this seq, 0: at the first; default: now', integer),
      header('Last-Event-ID', 'the same, as an EventSource sends it'),
    ],
    responses: {
      '200': {
        description: 'events whose data is a version',
        content: { 'text/event-stream': { schema: ref('Version') } },
      },
      ...badInput,
      '410': refused('the log no longer has what comes behind that seq; the oldest is named'),
      ...busy,
    },
  },
};

function told(summary: string, type: string, isOpen = true): Record<string, Operation> {
  const answer = { description: summary, content: { [type]: { schema: {} } } };
  return { get: { summary, responses: { '200': answer }, ...(isOpen && { security: [] }) } };
}

const times = { timestamp: integer, time: { type: ['string', 'null'] } };
const schemas = {
  Value: {
    description: 'text, or base64 of bytes that are none',
    oneOf: [text, { type: 'object', required: ['base64'], properties: { base64: text } }],
  },
  Time: { description: timeForms, type: ['integer', 'string'] },
  Version: {
    type: 'object',
    properties: {
      key: text,
      ...times,
      value: { oneOf: [ref('Value'), { type: 'null' }] },
      seq: integer,
      expiresAt: integer,
      state: { enum: ['value', 'deleted', 'expired', 'erased'] },
    },
  },
  Key: { type: 'object', properties: { key: text } },
  Difference: {
    type: 'object',
    properties: {
      key: text,
      change: { enum: ['added', 'changed', 'removed'] },
      before: { oneOf: [ref('Value'), { type: 'null' }] },
      after: { oneOf: [ref('Value'), { type: 'null' }] },
    },
  },
  Written: { type: 'object', properties: { timestamp: integer, seq: integer } },
  BatchAnswer: {
    type: 'object',
    properties: { key: text, timestamp: integer, seq: integer, erased: integer },
  },
  Operation: {
    type: 'object',
    required: ['type', 'key'],
    properties: {
      type: { enum: ['set', 'delete', 'erase'] },
      key: text,
      value: ref('Value'),
      at: { description: 'for an erase also "all"', type: ['integer', 'string'] },
      ttl: { description: ttl.description, type: ['integer', 'string'] },
      expiresAt: ref('Time'),
      onConflict: { enum: ['replace', 'fail', 'bump'] },
      maxBump: integer,
      ifSeq: { description: 'a seq, or "none"', type: ['integer', 'string'] },
    },
  },
  Error: {
    type: 'object',
    properties: {
      error: {
        type: 'object',
        properties: { code: text, message: text, operation: integer },
      },
    },
  },
};

/** @param version of the package */
export function openApi(version: string): OpenApi {
  return {
    openapi: '3.1.0',
    info: {
      title: 'timekv',
      version,
      description: 'A key-value store that remembers: every read can ask as of any time.',
    },
    servers: [{ url: `http://127.0.0.1:${portDefault}` }],
    security: [{}, { bearer: [] }],
    paths: {
      '/api/v1/keys/{key}': value,
      '/api/v1/keys/{key}/history': history,
      '/api/v1/keys': rows(
        'The keys that have a value, in key order.',
        [...range, query('all', 'every key with a history', { type: 'boolean' })],
        'Key',
      ),
      '/api/v1/scan': rows('The versions that are valid, in key order.', range, 'Version'),
      '/api/v1/diff': rows(
        'The keys whose values are not the same as of two times.',
        [
          { ...query('from', `a time: ${timeForms}`), required: true },
          query('to', 'another; default now'),
          prefix,
        ],
        'Difference',
      ),
      '/api/v1/batch': batch,
      '/api/v1/watch': watch,
      '/api/v1': simple,
      '/': simple,
      '/healthz': told('Whether the server can do its work; 503 if not.', 'application/json'),
      '/metrics': told('What the server counts, for Prometheus.', 'text/plain', false),
      '/openapi.json': told('This description.', 'application/json'),
      '/docs': told('The same for people.', 'text/html'),
    },
    components: {
      schemas,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
  };
}
