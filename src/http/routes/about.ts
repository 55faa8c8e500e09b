/** What the server tells of itself. */
import type { Server } from 'node:http';
import type { Door, Exchange } from '../exchange.js';
import type { Metrics } from '../metrics.js';
import { openApi } from '../openapi.js';
import { openApiPage } from '../openapi-page.js';
import type { Routes } from '../route-table.js';
import { jsonType } from '../values.js';

/** What the server looks at to tell how it is. */
export interface Condition {
  metrics: Metrics;
  server: Server;
  /** Why nothing can be written until it is started again, if that is so. */
  fault(): string | undefined;
  version: string;
}

/** Scripts, styles and pictures of anybody else have no place in the page. */
const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'";

export function aboutRoutes(routes: Routes, door: Door, condition: Condition): void {
  const document = Buffer.from(`${JSON.stringify(openApi(condition.version), undefined, 2)}\n`);
  const page = Buffer.from(openApiPage(openApi(condition.version)));
  const open = { isOpen: true };
  routes.get('/healthz', (exchange) => health(door, exchange, condition), open);
  routes.get('/openapi.json', (exchange) => exchange.send(200, jsonType, document), open);
  routes.get(
    '/docs',
    (exchange) =>
      exchange.send(200, 'text/html; charset=utf-8', page, ['content-security-policy', pagePolicy]),
    open,
  );
  routes.get('/metrics', (exchange) => sendMetrics(door, exchange, condition));
}

function health(door: Door, exchange: Exchange, condition: Condition): void {
  const fault = door.ending.aborted ? 'the server is ending' : condition.fault();
  if (fault === undefined) exchange.sendJson({ status: 'ok' });
  else exchange.sendJson({ status: 'failing', reason: fault }, [], 503);
}

async function sendMetrics(
  door: Door,
  exchange: Exchange,
  { metrics, server }: Condition,
): Promise<void> {
  const { admission, store } = door;
  const { user, system } = process.cpuUsage();
  const text = metrics.text({
    requests: admission.requests,
    streams: admission.streams,
    heldBytes: admission.heldBytes,
    connections: await connectionsOf(server),
    stats: await store.stats(),
    residentBytes: process.memoryUsage.rss(),
    cpuSeconds: (user + system) / 1e6,
    startedAtSeconds: Math.round(Date.now() / 1000 - process.uptime()),
  });
  exchange.send(200, 'text/plain; version=0.0.4; charset=utf-8', Buffer.from(text));
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}
