/**
 * Headers of answers that differ in a few lines. Node checks and joins every line of every header, which
 * takes a twelfth of a small request. Of one of its headers we take what Node has added, which is the
 * same for a second: the date, and that the connection stays. Headers are made of that until then.
 *
 * Node keeps the text of a header in `_header` until it is sent, which is in no documentation. Where it
 * does not, each header is made by Node.
 */
import type { ServerResponse } from 'node:http';
import type { HeaderLines } from './header-lines.js';

/** The date may be as much older than it says. */
const repeatedMs = 500;
/** Behind our lines Node writes its own, of which this is the first. */
const firstOfNodes = '\r\nDate: ';

const headerText = '_header';

type WithText = ServerResponse & { [headerText]?: unknown };

export class RepeatedHeader {
  /** What Node has added, from the end of our last line on. */
  #added = '';
  /** By `performance.now()`. */
  #madeAt = -Infinity;

  /**
   * Writes the header of an answer with status 200.
   * @param lines the length of the body is among them; their values are numbers, or such text as may
   *   stand in a header
   * @param now as `performance.now()` says
   */
  write(response: ServerResponse, lines: HeaderLines, now: number): void {
    if (!response.shouldKeepAlive) {
      response.writeHead(200, lines as string[]);
      return;
    }
    const inner: WithText = response;
    if (now - this.#madeAt < repeatedMs) {
      inner[headerText] = this.#textOf(lines);
      return;
    }
    response.writeHead(200, lines as string[]);
    const text = typeof inner[headerText] === 'string' ? inner[headerText] : '';
    const at = text.indexOf(firstOfNodes);
    if (at === -1) return;
    this.#added = text.slice(at);
    // It is taken only if what we would have made of it is the same.
    this.#madeAt = this.#textOf(lines) === text ? now : -Infinity;
  }

  #textOf(lines: HeaderLines): string {
    let text = 'HTTP/1.1 200 OK';
    for (let at = 0; at < lines.length; at += 2) text += `\r\n${lines[at]}: ${lines[at + 1]}`;
    return text + this.#added;
  }
}
