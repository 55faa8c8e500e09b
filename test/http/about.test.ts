/** What the server tells of itself. */
import { type SpecData, Validator } from '@seriousme/openapi-schema-validator';
import type { FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import type { Door } from '../../src/http/exchange.js';
import { Metrics } from '../../src/http/metrics.js';
import { openApi } from '../../src/http/openapi.js';
import { Routes } from '../../src/http/route-table.js';
import { aboutRoutes } from '../../src/http/routes/about.js';
import { batchRoutes } from '../../src/http/routes/batch.js';
import { keyRoutes } from '../../src/http/routes/key.js';
import { rowRoutes } from '../../src/http/routes/rows.js';
import { simpleRoutes } from '../../src/http/routes/simple.js';
import { watchRoutes } from '../../src/http/routes/watch.js';
import { keyed, servedEach } from './support/in-process.js';

const served = servedEach();

describe('what it tells of itself', () => {
  it('is a valid description', async () => {
    const { text } = await served.ask('/openapi.json');
    expect(JSON.parse(text)).toEqual(openApi('1.2.3'));
    const result = await new Validator().validate(JSON.parse(text) as SpecData);
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
  });

  it('has all routes, and no other', () => {
    const routes: string[] = [];
    const app = {
      route: ({ method, url }: { method: string; url: string }) => routes.push(`${method} ${url}`),
    };
    const door = {} as Door;
    const table = new Routes(app as unknown as FastifyInstance, door, new Metrics());
    aboutRoutes(table, door, { version: '1' } as never);
    for (const add of [keyRoutes, simpleRoutes, rowRoutes, batchRoutes, watchRoutes]) {
      add(table, door);
    }
    const described = Object.entries(openApi('1').paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(
        (method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
      ),
    );
    expect(described.toSorted()).toEqual(routes.toSorted());
  });

  it('is readable, and brings nothing from elsewhere', async () => {
    const { text, headers } = await served.ask('/docs');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(text).toContain('<code>GET /api/v1/keys/{key}</code>');
    expect(text).not.toMatch(/<script|src=|http:/);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('counts what was asked', async () => {
    await served.put(keyed('k'), 'v');
    await served.ask(keyed('k'));
    await served.ask(keyed('none'));
    const { text } = await served.ask('/metrics');
    const sample = /^[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? \d+(\.\d+)?(e-?\d+)?$/;
    const lines = text.trimEnd().split('\n');
    expect(lines.filter((line) => !line.startsWith('# ') && !sample.test(line))).toEqual([]);
    expect(lines).toContain(
      'timekv_http_requests_total{method="PUT",route="/api/v1/keys/:key",status="200"} 1',
    );
    expect(lines).toContain(
      'timekv_http_request_duration_seconds_bucket{method="GET",route="/api/v1/keys/:key",le="+Inf"} 1',
    );
    expect(lines).toContain('timekv_seq 1');
  });

  it('is well, until it ends', async () => {
    const { status, text } = await served.ask('/healthz');
    expect([status, text]).toEqual([200, '{"status":"ok"}']);
  });
});
