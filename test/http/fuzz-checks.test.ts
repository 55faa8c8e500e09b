/** What the fuzz holds answers against: each planted fault in an answer must be seen. */
import { expect, test } from 'vitest';
import { answersIn } from './support/answers.js';

const ok = 'HTTP/1.1 200 OK\r\n';

const faulty: [what: string, bytes: string, told: string][] = [
  ['another protocol', 'HTTP/2 200 OK\r\n\r\n', 'no status line'],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n', 'no status line'],
  ['something behind a body', `${ok}content-length: 1\r\n\r\naHTPP/1.1 2`, 'no status line'],
  ['a body that is too long', `${ok}content-length: 1\r\n\r\nab`, 'no status line'],
  ['the start of no answer', 'what', 'no status line'],
  ['a header without a colon', `${ok}content-length\r\n\r\n`, 'no header line'],
  ['a space before the colon', `${ok}x : y\r\n\r\n`, 'no header line'],
  ['a control character', `${ok}x: \x01\r\n\r\n`, 'no header line'],
  ['a line that goes on', `${ok}x: y\r\n z\r\n\r\n`, 'no header line'],
  ['two lengths', `${ok}content-length: 1\r\nContent-Length: 1\r\n\r\na`, 'content-length twice'],
  [
    'two ways to end',
    `${ok}content-length: 0\r\ntransfer-encoding: chunked\r\n\r\n`,
    'content-length and',
  ],
  ['a length that is none', `${ok}content-length: +1\r\n\r\na`, 'content-length +1'],
  ['another coding', `${ok}transfer-encoding: gzip\r\n\r\n`, 'transfer-encoding gzip'],
  ['no end', `${ok}\r\nabc`, 'nothing says where the body ends'],
  ['a chunk without a size', `${ok}transfer-encoding: chunked\r\n\r\nx\r\n`, 'no size of a chunk'],
  [
    'a chunk without its end',
    `${ok}transfer-encoding: chunked\r\n\r\n1\r\nabcd`,
    'a chunk without its end',
  ],
  [
    'an answer in the middle of chunks',
    `${ok}transfer-encoding: chunked\r\n\r\n1\r\na\r\n${ok}`,
    'no size of',
  ],
];

test.each(faulty)('%s is seen', (_what, bytes, told) => {
  expect(() => answersIn(Buffer.from(bytes, 'latin1'), false)).toThrow(told);
});

const whole = [
  `${ok}content-length: 3\r\n\r\nabc`,
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n',
  'HTTP/1.1 304 Not Modified\r\netag: "1"\r\n\r\n',
  `${ok}connection: close\r\n\r\nto the end`,
].join('');

test('answers are taken apart', () => {
  const { answers, isCut } = answersIn(Buffer.from(whole), false);
  const told = answers.map(({ status, body }) => [status, body.toString()]);
  expect(told).toEqual([
    [200, 'abc'],
    [404, 'abc'],
    [304, ''],
    [200, 'to the end'],
  ]);
  expect(isCut).toBe(false);
});

test('an answer that is not there as a whole is told from a faulty one', () => {
  const end = whole.lastIndexOf('\r\n\r\n') + 4;
  const cuts = Array.from({ length: end }, (_, length) => Buffer.from(whole).subarray(0, length));
  const counts = cuts.map((bytes) => answersIn(bytes, false).answers.length);
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  expect(counts.at(-1)).toBe(3);
});

test('a head has no body behind it', () => {
  const heads = `${ok}content-length: 3\r\n\r\n`.repeat(2);
  expect(answersIn(Buffer.from(heads), true).answers).toHaveLength(2);
});
