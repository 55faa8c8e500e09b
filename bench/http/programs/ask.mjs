/**
 * Asks a server with autocannon, each connection beginning at another of the paths, and prints what it
 * took. What is answered in the first moments, while V8 still compiles what asks, does not count.
 * Run: node ask.mjs '{"url": …, "paths": FILE, "method": …, "body": …, "connections": …, "seconds": …}'
 */
import autocannon from 'autocannon';
import { readFileSync } from 'node:fs';

const warmUpMs = 500;
/** Of each connection; autocannon makes them all before it begins. */
const pathsEach = 256;

const { url, method, body, connections, seconds, ...files } = JSON.parse(process.argv[2]);
const paths = readFileSync(files.paths, 'utf8').trimEnd().split('\n');
let clients = 0;
const asked = (connection) =>
  Array.from({ length: pathsEach }, (_, number) => ({
    path: paths[(connection * pathsEach + number) % paths.length],
  }));

const tookMs = [];
let answers = 0;
let begin;
let end;
const cannon = autocannon({
  url,
  method,
  body,
  connections,
  duration: seconds + warmUpMs / 1000,
  /** How often it looks whether the time is over. */
  sampleInt: 100,
  setupClient: (client) => client.setRequests(asked(clients++)),
});
cannon.on('response', (_client, _status, _bytes, ms) => {
  answers += 1;
  end = performance.now();
  begin ??= end + warmUpMs;
  if (end > begin) tookMs.push(ms);
});
const { non2xx, errors } = await cannon;
tookMs.sort((a, b) => a - b);
const percentile = (share) => tookMs[Math.floor(tookMs.length * share)];
const perSecond = (tookMs.length * 1000) / (end - begin);
const faults = non2xx + errors;
console.log(
  JSON.stringify({ answers, perSecond, p50Ms: percentile(0.5), p99Ms: percentile(0.99), faults }),
);
