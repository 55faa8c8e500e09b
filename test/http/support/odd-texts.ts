/** Parts of requests that break what takes them for something else. */

/** What HTTP lets a client ask, if not this server. */
export const methods = 'GET PUT DELETE POST PATCH OPTIONS TRACE PROPFIND M-SEARCH'.split(' ');
export const noMethods = [
  '',
  'get',
  'FOO',
  'G\0T',
  'GETT',
  'PRI',
  '{}',
  'HTTP/1.1',
  'G\xc9T',
  'CONNECT',
];
export const versions = 'HTTP/1.0 HTTP/1.0 HTTP/2.0 HTTP/0.9 HTTP/1.1.1 HTTP/1.9 http/1.1 X'.split(
  ' ',
);

export const routes =
  '/ /api/v1 /api/v1/keys /api/v1/scan /api/v1/diff /api/v1/batch /healthz /metrics /docs /openapi.json'.split(
    ' ',
  );
/** They may take long, until the client goes. */
export const longRoutes = ['/api/v1/watch', '/api/v1/keys/later?at=%2B1h&wait=1h'];
export const oddRoutes =
  '// /.. /api/v1/../../etc/passwd /%2e%2e/x /api%2Fv1 /api/v1/ /nope /% /%zz /%00 /; /%ff /api/v1/keys//'.split(
    ' ',
  );
/** What need not even be taken for a request. */
export const noTargets =
  'http://127.0.0.1/ http://[::1 //x@y:z/ /\xff\xfe * x:1 \\ /# /\t/ http://evil.example/healthz'.split(
    ' ',
  );

/** Whatever stands for a key or behind a name in a query. */
// prettier-ignore
export const texts = [
  '', '%00', '%', '%2', '%zz', '%2F', '%2e%2e', '..', '%2e%2e%2f', '%c0%af', '%ed%a0%80', '%ff', '%f4%90%80%80',
  '%E2%82%AC', '%0d%0aX-A:%20b', '+', '%2B', '__proto__', 'constructor', 'toString', '[object%20Object]', "'%22%3c",
  '%25%32%46', 'a;b=c', 'null', '-1', '-0', '1e9', '0x10', '9007199254740993', '99999999999999999999999', '1.5',
  'NaN', 'Infinity', '%2B1h', '-1h', 'now', '2026-02-30', '2026-03-29T01:00Z', '2026-03-29', '@1', '@-1.5ns', '1ms',
  'P1D', 'P', 'true', '5', '1', '0', '999999999999w', 'x'.repeat(300), 'replace', 'bump', 'all',
];
export const queryNames =
  'at at at ttl expiresAt onConflict maxBump from to limit reverse prefix start end all key timestamp since a[b] q%00'.split(
    ' ',
  );

/** With them it is still clear where a request ends, and that its connection stays. */
// prettier-ignore
export const headers = [
  'Accept: */*', 'Accept: text/plain;q=nan', 'Accept: ,,;;q=', 'Accept: text/html, image/*;q=2', 'Accept:',
  `Accept: ${'a/b,'.repeat(500)}`, 'Content-Type: application/json', 'Content-Type: ///', 'Content-Type:',
  'Content-Type: text/plain; charset=utf-16', 'Content-Type: application/x+json; =', 'If-Match: *', 'If-Match: "1"',
  'If-Match: W/"1"', 'If-Match: "0"', 'If-Match: "99999999999999999"', 'If-Match: "1", "2"', 'If-None-Match: *',
  'If-None-Match: "1"', 'If-None-Match: ,', 'Last-Event-ID: -1', 'Last-Event-ID: 9999999999999999',
  'Last-Event-ID: 1.5', 'Range: bytes=0-', 'Range: bytes=9-1,-,x', 'Content-Range: bytes 0-1/2', 'X: \xff\xfe',
  'Content-Encoding: gzip', 'Content-Encoding: identity', 'TE: trailers', 'Expect: 100-continue', 'Origin: null',
  'Connection: keep-alive', 'Host: evil.example', 'Host: 127.0.0.1', 'Origin: http://evil.example', 'Trailer: X',
  'Sec-Fetch-Site: cross-site', 'Authorization: Bearer', `Authorization: Basic ${'A'.repeat(900)}`, 'Cookie: a=b; c',
  'X-HTTP-Method-Override: DELETE', 'Forwarded: for=_x', '__proto__: x', 'constructor: x',
];
// prettier-ignore
export const wildHeaders = [
  'Expect: the worst', 'Upgrade: websocket', 'Connection: Upgrade', 'Connection: close, close', 'X: \x01', 'X : y',
  ' X: folded', 'No-Colon', ': no name', 'X: a\rb', 'X: a\nb', 'Content-Length: 0', 'Content-Length: -1',
  'Content-Length: 5', 'Content-Length: 1, 1', 'Content-Length: 0x5', 'Content-Length: 99999999999999999999',
  'Content-Length: ', 'Transfer-Encoding: chunked', 'Transfer-Encoding: gzip', 'Transfer-Encoding: xchunked',
  'Transfer-Encoding: chunked, identity', 'Transfer-Encoding:\tchunked', 'Connection: Upgrade, HTTP2-Settings',
];

// prettier-ignore
export const bodies = [
  '', '{', '[]', '{}', 'null', '1', '"', '"\\ud800"', '{"key":"\\ud800","value":"x"}', '{"key":"a","value":"\\udc00"}',
  '{"key":1,"value":2}', '{"key":"a","value":{"base64":"***"}}', '{"key":"a","value":{"base64":"AP8="}}', 'NaN',
  '{"key":"a","value":"b","timestamp":1e400}', '{"key":"a","value":"b","timestamp":-0}', '{"key":"a","key":"b"}',
  '{"key":"a","value":"b","timestamp":123456789012345678901234567890}', '{"__proto__":{"key":"a"}}', "{'a':1}",
  '{"key":"a","value":"b","timestamp":1.5}', '{"key":"\\u0000","value":"\\u0000"}', '{"constructor":1}', '\ufeff{}',
  '{"key":"a","value":null}', '{"key":"a","value":[[]]}', '{"key":["a"],"value":"b"}', '{"key":"","value":"b"}',
  '[{"type":"set","key":"a","value":"b","at":{}}]', '[{"type":"erase","key":"a","at":"all"}]', '[[[]]]', '[null]',
  '[{"type":"set","key":"a","value":"b","ifSeq":-1}]', '[{"type":["set"],"key":"a"}]', '[{"type":"set"}]',
  '[{"type":"set","key":"a","value":"b","maxBump":1e99,"onConflict":"bump","at":1}]', '{"key":"a","value":"b"}',
  '[{"type":"set","key":"a","value":"b","ttl":"1000000000000w"},{"type":"delete","key":"b"}]', '[1e999]', '{"key":{}}',
].map((text) => Buffer.from(text));
/** Overlong forms, surrogates, bytes that are never there. */
export const noUtf8 = Buffer.from('7b22fffec080eda080f4908080227d', 'hex');

/** JSON that is deep, or long where nobody expects it. */
export const largeJson: ((size: number) => string)[] = [
  (size) => `{"key":${'{"a":'.repeat(size)}1${'}'.repeat(size)}}`,
  (size) => `{"key":"a","value":${'['.repeat(size)}${']'.repeat(size)}}`,
  (size) => `${'['.repeat(size)}${']'.repeat(size)}`,
  (size) => '['.repeat(size),
  (size) => `[{"type":${'{"a":'.repeat(size)}1${'}'.repeat(size)},"key":"a"}]`,
  (size) =>
    `[{"type":"set","key":"a","value":"b","ifSeq":${'{"a":'.repeat(size)}1${'}'.repeat(size)}}]`,
  (size) => `{"key":"a","value":"b","timestamp":"${'9'.repeat(size)}"}`,
  (size) => `{"key":"a","value":"b","timestamp":${'9'.repeat(size)}}`,
  (size) => `{"key":"a","value":"b","timestamp":"@1.${'9'.repeat(size)}"}`,
  (size) => `[{"type":"set","key":"a","value":"b","onConflict":"${'x'.repeat(size)}"}]`,
  (size) => `{"${'x'.repeat(size)}":1}`,
  (size) => `{"key":"${'k'.repeat(size)}","value":"b"}`,
];

/** Framings of a body with something that should never be taken for a request. */
const hidden = 'GET /api/v1/keys/hidden HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
export const framings: (readonly [lines: string, body: string])[] = [
  ['Content-Length: 60', 'short'],
  ['Content-Length: 3', `too long ${hidden}`],
  ['Content-Length: 5\r\nContent-Length: 6', 'hello '],
  ['Content-Length: 5\r\nContent-Length: 5', 'hello'],
  ['Content-Length: +5', 'hello'],
  ['Content-Length: 5 5', 'hello'],
  ['Content-Length: 4\r\nTransfer-Encoding: chunked', `0\r\n\r\n${hidden}`],
  ['Transfer-Encoding: chunked\r\nContent-Length: 4', `5\r\nhello\r\n0\r\n\r\n${hidden}`],
  ['Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', `0\r\n\r\n${hidden}`],
  ['Transfer-Encoding : chunked', `0\r\n\r\n${hidden}`],
  ['Transfer-Encoding: chunked', 'zz\r\n'],
  ['Transfer-Encoding: chunked', '-1\r\n'],
  ['Transfer-Encoding: chunked', 'ffffffffffffffffff\r\n'],
  ['Transfer-Encoding: chunked', '5\r\nhi\r\n0\r\n\r\n'],
  ['Transfer-Encoding: chunked', '1;ext=\x01"\r\nx\r\n0\r\nTrailer: y\r\n\r\n'],
  ['Transfer-Encoding: chunked', `${'1\r\nx\r\n'.repeat(3000)}0\r\n\r\n`],
  ['Transfer-Encoding: chunked', `1;${'e'.repeat(30_000)}\r\nx\r\n0\r\n\r\n`],
  ['Transfer-Encoding: chunked', `0\r\n${'T: y\r\n'.repeat(3000)}\r\n`],
  ['Transfer-Encoding: chunked', `1\nx\n0\n\n${hidden}`],
  ['Transfer-Encoding: chunked', '1\r\nx\r\n'],
];
