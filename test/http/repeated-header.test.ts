import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { RepeatedHeader } from '../../src/http/repeated-header.js';

function newResponse(): ServerResponse {
  const request = new IncomingMessage(new Socket());
  request.httpVersionMajor = 1;
  request.httpVersionMinor = 1;
  return new ServerResponse(request);
}

const textOf = (response: ServerResponse) => String(Reflect.get(response, '_header'));

describe('a repeated header', () => {
  let header: RepeatedHeader;
  let madeByNode: number;

  beforeEach(() => {
    header = new RepeatedHeader();
    madeByNode = 0;
  });

  function write(lines: (string | number)[], now: number, response = newResponse()): string {
    const writeHead = vi.spyOn(response, 'writeHead');
    header.write(response, lines, now);
    expect(response.headersSent).toBe(true);
    madeByNode += writeHead.mock.calls.length;
    return textOf(response);
  }

  test('is what Node would have made, with other lines', () => {
    const withoutDate = (text: string) => text.replace(/Date: .*/, 'Date:');
    write(['content-length', 5, 'etag', '"1"'], 1000);
    const repeated = write(['content-length', 17, 'etag', '"2"', 'more', 'lines'], 1001);
    expect(madeByNode).toBe(1);
    const response = newResponse();
    response.writeHead(200, ['content-length', '17', 'etag', '"2"', 'more', 'lines']);
    expect(withoutDate(repeated)).toBe(withoutDate(textOf(response)));
    expect(repeated).toMatch(/\r\nDate: .* GMT\r\n(.*\r\n)*\r\n$/);
  });

  test('is made by Node where the connection is to close, and not repeated', () => {
    for (let now = 0; now < 3; now++) {
      const response = newResponse();
      response.shouldKeepAlive = false;
      expect(write(['content-length', 5], now, response)).toContain('\r\nConnection: close\r\n');
    }
    expect(madeByNode).toBe(3);
    expect(write(['content-length', 5], 3)).toContain('\r\nConnection: keep-alive\r\n');
  });

  test('is made anew when its date has grown old', () => {
    for (const now of [0, 499, 500, 999, 1001]) write(['content-length', 5], now);
    expect(madeByNode).toBe(3);
  });

  test('is made by Node each time where Node shows no text of it, or another one', () => {
    for (const shown of [undefined, 'HTTP/1.1 200 Fine\r\nDate: now\r\n\r\n']) {
      header = new RepeatedHeader();
      madeByNode = 0;
      for (let now = 0; now < 3; now++) {
        const response = newResponse();
        let set = 0;
        Object.defineProperty(response, '_header', {
          get: () => shown,
          set() {
            set++;
          },
        });
        const writeHead = vi.spyOn(response, 'writeHead').mockReturnValue(response);
        header.write(response, ['content-length', 5], now);
        madeByNode += writeHead.mock.calls.length;
        expect(set).toBe(0);
      }
      expect(madeByNode).toBe(3);
    }
  });
});
