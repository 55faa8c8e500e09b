/**
 * What the server counts, as Prometheus reads it: the text format 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). A library that does this was measured at
 * a twentieth of a small request (docs/decisions/0025).
 */
import type { Stats } from '../index.js';

/** Upper bounds of the durations that are counted together, in seconds. */
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Durations {
  /** One more than there are bounds. */
  counts: number[];
  sumMs: number;
}

/** Requests of one route: one object for each method and path pattern. */
export class RouteMetrics {
  readonly labels: string;
  readonly statuses: number[] = [];
  readonly durations: Durations = {
    counts: [...bounds, Infinity].map(() => 0),
    sumMs: 0,
  };

  constructor(method: string, route: string) {
    this.labels = `method="${method}",route="${route}"`;
  }

  /** @param ms from the end of its header to the moment when its answer was ready, in milliseconds */
  count(status: number, ms: number): void {
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
    const { counts } = this.durations;
    let place = 0;
    while (place < bounds.length && ms > (bounds[place] as number) * 1000) place += 1;
    counts[place] = (counts[place] as number) + 1;
    this.durations.sumMs += ms;
  }
}

/** What is as it is at the moment of asking. */
export interface Gauges {
  requests: number;
  streams: number;
  heldBytes: number;
  connections: number;
  stats: Stats;
  residentBytes: number;
  cpuSeconds: number;
  startedAtSeconds: number;
}

export class Metrics {
  readonly #routes: RouteMetrics[] = [];

  /** What is counted of a route, by whichever of the ways that lead to it. */
  route(method: string, pattern: string): RouteMetrics {
    const metrics = new RouteMetrics(method, pattern);
    const known = this.#routes.find(({ labels }) => labels === metrics.labels);
    if (known !== undefined) return known;
    this.#routes.push(metrics);
    return metrics;
  }

  text(gauges: Gauges): string {
    return [...this.#requestLines(), ...this.#durationLines(), ...gaugeLines(gauges), ''].join(
      '\n',
    );
  }

  #requestLines(): string[] {
    const name = 'timekv_http_requests_total';
    const lines = this.#routes.flatMap(({ labels, statuses }) =>
      // forEach passes over statuses that never came.
      Object.entries(statuses).map(([status, n]) => `${name}{${labels},status="${status}"} ${n}`),
    );
    return [...head(name, 'counter', 'Requests that were answered.'), ...lines];
  }

  #durationLines(): string[] {
    const name = 'timekv_http_request_duration_seconds';
    const lines = this.#routes.flatMap(({ labels, durations: { counts, sumMs } }) => {
      let total = 0;
      const buckets = counts.map((count, place) => {
        total += count;
        return `${name}_bucket{${labels},le="${bounds[place] ?? '+Inf'}"} ${total}`;
      });
      if (total === 0) return [];
      return [
        ...buckets,
        `${name}_sum{${labels}} ${sumMs / 1000}`,
        `${name}_count{${labels}} ${total}`,
      ];
    });
    return [...head(name, 'histogram', 'Time until the answer was ready.'), ...lines];
  }
}

function head(name: string, type: string, help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function gaugeLines(gauges: Gauges): string[] {
  const { stats } = gauges;
  const rows: [name: string, type: string, help: string, value: number][] = [
    ['timekv_http_open_requests', 'gauge', 'Requests that wait for something.', gauges.requests],
    ['timekv_http_open_streams', 'gauge', 'Answers of many rows, and watchers.', gauges.streams],
    [
      'timekv_http_held_bytes',
      'gauge',
      'Bodies that are coming and answers not taken.',
      gauges.heldBytes,
    ],
    ['timekv_http_connections', 'gauge', 'Connections, idle ones too.', gauges.connections],
    ['timekv_seq', 'counter', 'The last committed operation.', stats.seq],
    ['timekv_entries', 'gauge', 'Versions, replaced ones too.', stats.entries],
    ['timekv_segments', 'gauge', 'Segment files.', stats.segments.count],
    ['timekv_segment_bytes', 'gauge', 'Bytes of segments.', stats.segments.bytes],
    ['timekv_wal_bytes', 'gauge', 'Bytes of the log that are in no segment yet.', stats.wal.bytes],
    ['timekv_memory_limit_bytes', 'gauge', 'The memory tier.', stats.memory.limit],
    ['timekv_memtable_bytes', 'gauge', 'Of it, memtables.', stats.memory.memtables],
    ['timekv_cache_bytes', 'gauge', 'Of it, blocks.', stats.memory.cache],
    ['timekv_index_bytes', 'gauge', 'Of it, indexes and filters.', stats.memory.indexes],
    ['timekv_cache_hits_total', 'counter', 'Blocks found in memory.', stats.cache.hits],
    ['timekv_cache_misses_total', 'counter', 'Blocks that were read.', stats.cache.misses],
    ['timekv_waiting_flushes', 'gauge', 'Logs that wait for a flush.', stats.waiting.flushes],
    ['timekv_waiting_merges', 'gauge', 'Merges that are due.', stats.waiting.merges],
    ['process_resident_memory_bytes', 'gauge', 'Resident memory.', gauges.residentBytes],
    ['process_cpu_seconds_total', 'counter', 'User and system time.', gauges.cpuSeconds],
    ['process_start_time_seconds', 'gauge', 'Start, since 1970.', gauges.startedAtSeconds],
  ];
  return rows.flatMap(([name, type, help, value]) => [
    ...head(name, type, help),
    `${name} ${value}`,
  ]);
}
