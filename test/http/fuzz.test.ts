/**
 * Thousands of requests that nobody should send, on connections that nobody should leave so. Whatever is
 * answered is an answer as HTTP has it and a refusal as the server says it refuses; nothing of it is taken
 * for a fault of the server, and nothing stays behind.
 */
import { beforeAll, expect, test } from 'vitest';
import { errorCodes } from '../../src/base/errors.js';
import { sleep } from '../../src/base/clock.js';
import { Random } from '../support/random.js';
import { say } from '../support/say.js';
import { answersIn, type Answers, type RawAnswer } from './support/answers.js';
import { Connection } from './support/connection.js';
import { type Attempt, oddAttempt } from './support/odd-requests.js';
import { serve, type TestServer } from './support/server.js';

const attempts = process.env['TIMEKV_LONG'] === '1' ? 300_000 : 6000;
/** At a time. */
const clients = 24;
/** First, so that what the server needs anyway is not taken for a leak. */
const warmUp = 1000;
/** How long a client stays silent, or waits before it breaks off. */
const pauseMs = 5;

/** What a refusal may say, beside what the library may; the others are not for clients. */
const httpCodes = ['ERR_TIMEKV_NOTHING_THERE', 'ERR_TIMEKV_UNAUTHORIZED', 'ERR_TIMEKV_FORBIDDEN'];
const codes = new Set([...Object.keys(errorCodes), ...httpCodes]);

const random = new Random();
let server: TestServer;
/** How often each status came. */
const statuses = new Map<number, number>();

beforeAll(async () => {
  server = await serve({ args: ['--memory', '16MiB'] });
  await server.put('a', 'a value');
});

/** Sends it, and answers what came back. @throws where what has to come does not */
async function sendAttempt({ pieces, end, answers, isHead }: Attempt): Promise<Answers> {
  const connection = new Connection(server);
  for (const [place, piece] of pieces.entries()) {
    if (place > 0) await sleep(1);
    await connection.send(piece);
  }
  if (end === 'resets') {
    await sleep(pauseMs);
    connection.reset();
    return { answers: [], isCut: false };
  }
  if (end === 'finishes') {
    connection.finish();
    await connection.closed();
  } else {
    const isThere = (received: Buffer): boolean =>
      answersIn(received, isHead).answers.length === answers;
    await connection.until(isThere, `${answers} answers`);
    connection.finish();
    await connection.closed();
  }
  return answersIn(connection.received, isHead);
}

function checkAnswer({ status, headers, body }: RawAnswer, isHead: boolean): void {
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
  expect(status).not.toBe(500);
  if (status < 400 || isHead) return;
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  const text = body.toString();
  expect(text).not.toContain(server.directory);
  expect(text).not.toMatch(/node_modules|\.[cm]?js:|\bat .+:\d+:\d+/);
  const { error, ...more } = JSON.parse(text) as { error: { code: string; message: string } };
  expect(more).toEqual({});
  expect(codes).toContain(error.code);
  expect(error.message).toMatch(/^[^\n]+$/);
  // What was sent is not sent back at length.
  expect(error.message.length).toBeLessThan(17_000);
}

async function checkAttempt(place: number): Promise<void> {
  const attempt = oddAttempt(random.at(0, place));
  try {
    const { answers, isCut } = await sendAttempt(attempt);
    // Who finishes breaks off what is on its way.
    if (attempt.end === 'waits')
      expect({ isCut, count: answers.length }).toEqual({ isCut: false, count: attempt.answers });
    for (const answer of answers) checkAnswer(answer, attempt.isHead);
  } catch (error) {
    const sent = attempt.pieces.map((piece) => JSON.stringify(piece.toString('latin1', 0, 1500)));
    const told = error instanceof Error ? error.message : String(error);
    throw new Error(`attempt ${place} (${attempt.end}): ${told}\nsent: ${sent.join('\n')}`, {
      cause: error,
    });
  }
}

/** Several at a time, from one place to another. */
async function checkAttempts(from: number, to: number): Promise<void> {
  let next = from;
  const client = async (): Promise<void> => {
    while (next < to) await checkAttempt(next++);
  };
  await Promise.all(Array.from({ length: clients }, client));
}

async function quiet(): Promise<void> {
  const names = ['open_requests', 'open_streams', 'held_bytes', 'connections'];
  for (let tries = 0; ; tries++) {
    const left = await Promise.all(names.map((name) => server.metric(`timekv_http_${name}`)));
    // Those that ask.
    if (left.every((count, place) => count <= (place === 3 ? names.length : 0))) return;
    if (tries === 50) throw new Error(`left behind: ${names.join(', ')}: ${left.join(', ')}`);
    await sleep(100);
  }
}

test('every answer is well formed, and nothing stays behind', async () => {
  await checkAttempts(0, warmUp);
  const before = server.memory().now;
  const started = performance.now();
  await checkAttempts(warmUp, warmUp + attempts);
  const seconds = (performance.now() - started) / 1000;
  await quiet();
  const { now, peak } = server.memory();
  const told = [...statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${count} × ${status}`);
  say(`HTTP FUZZ: ${attempts} attempts in ${seconds.toFixed(1)} s: ${told.join(', ')}`);
  say(
    `HTTP FUZZ: RSS ${before.toFixed(0)} MiB before, ${now.toFixed(0)} after, ${peak.toFixed(0)} at most`,
  );
  expect(server.stderr).toBe('');
  // Each kind of answer came that is not rare, or much of this was never reached.
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 403, 404, 406, 415, 431]));
  expect(now - before).toBeLessThan(100);
  expect(peak).toBeLessThan(400);
  expect((await server.put('after', 'all of it')).status).toBe(200);
  expect((await server.get('after')).text).toBe('all of it');
}, 3_600_000);
