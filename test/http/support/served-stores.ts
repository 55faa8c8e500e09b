/** A process that serves stores over HTTP, one for all tests of a file. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { bytesCodec, jsonCodec, textCodec } from '../../../src/codecs.js';
import type { Clock, Codec } from '../../../src/index.js';
import { packageRoot } from '../../support/child.js';
import { openAs } from '../../support/stores.js';
import type { SubjectOptions } from '../../support/subject.js';
import { HttpStore } from './http-store.js';
import { Requests } from './requests.js';

const program = join(packageRoot, 'test/support/programs/serve-stores.mjs');

export class ServedStores {
  readonly #child: ChildProcess;
  readonly requests: Requests;
  #count = 0;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(child: ChildProcess, requests: Requests) {
    this.#child = child;
    this.requests = requests;
  }

  static async start(): Promise<ServedStores> {
    const child = fork(program, { cwd: packageRoot });
    const [{ answer }] = (await once(child, 'message')) as [{ answer: number }];
    return new ServedStores(child, new Requests(answer));
  }

  /** The store in a directory, by a server of its own and by a handle here. */
  async open<V>(directory: string, options: SubjectOptions<V> = {}): Promise<HttpStore<V>> {
    const { clock, codec = 'text', ...rest } = options;
    const local = await openAs<V>(directory, options);
    const id = ++this.#count;
    const clockFile = clock === undefined ? undefined : `${directory}.clock`;
    const shown = clock === undefined ? untold : showClock(clock, `${directory}.clock`);
    const address = await this.#ask({ ask: 'begin', id, directory, options: rest, clockFile });
    return new HttpStore(local, codecNamed(codec), this.requests, {
      address: address as string,
      end: async () => {
        await this.#ask({ ask: 'end', id });
        shown.end();
      },
      showClock: shown.show,
    });
  }

  async end(): Promise<void> {
    await this.requests.end();
    this.#child.disconnect();
    await once(this.#child, 'exit');
  }

  /** One question at a time. */
  #ask(words: object): Promise<unknown> {
    const asked = this.#last.then(async () => {
      const answered = once(this.#child, 'message');
      this.#child.send(words);
      const [{ answer, error }] = (await answered) as [{ answer?: unknown; error?: string }];
      if (error !== undefined) throw new Error(error);
      return answer;
    });
    this.#last = asked.catch(() => undefined);
    return asked;
  }
}

const codecs: Record<string, unknown> = { text: textCodec, bytes: bytesCodec, json: jsonCodec };

function codecNamed<V>(codec: string | Codec<V>): Codec<V> {
  return (typeof codec === 'string' ? codecs[codec] : codec) as Codec<V>;
}

interface ShownClock {
  show: () => void;
  end: () => void;
}

const untold: ShownClock = { show: () => undefined, end: () => undefined };

/**
 * Shows another process what a clock of the test says, in a file: whenever its time is set, and once now.
 * @returns `show` brings what a clock says that answers by itself
 */
function showClock(clock: Clock, file: string): ShownClock {
  const descriptor = openSync(file, constants.O_RDWR | constants.O_CREAT);
  const bytes = Buffer.alloc(8);
  let isShown = true;
  const show = (): void => {
    if (!isShown) return;
    bytes.writeDoubleLE(clock.now());
    writeSync(descriptor, bytes, 0, 8, 0);
  };
  if ('time' in clock) {
    let time: unknown = clock.time;
    Object.defineProperty(clock, 'time', {
      configurable: true,
      get: () => time,
      set: (to: unknown) => {
        time = to;
        show();
      },
    });
  }
  show();
  const end = (): void => {
    isShown = false;
    closeSync(descriptor);
  };
  return { show, end };
}
