/** A client of `/watch` as the async iterator that the library's `watch` answers. */
import { TimekvError } from '../../../src/index.js';
import { type JsonVersion, refusalIn } from './json.js';
import { promised } from './promised.js';
import type { Requests } from './requests.js';

interface Waiting<R> {
  resolve: (next: IteratorResult<R, undefined>) => void;
  reject: (error: unknown) => void;
}

export class HttpWatcher<R> implements AsyncIterator<R, undefined> {
  readonly #requests: Requests;
  readonly #convert: (row: JsonVersion) => R;
  readonly #signal: AbortSignal | undefined;
  readonly #come: R[] = [];
  readonly #waiting: Waiting<R>[] = [];
  readonly #id: number | undefined;
  #failure: { error: unknown } | undefined;
  #isDone = false;

  constructor(
    requests: Requests,
    url: string,
    signal: AbortSignal | undefined,
    convert: (row: JsonVersion) => R,
  ) {
    this.#requests = requests;
    this.#convert = convert;
    this.#signal = signal;
    if (signal?.aborted === true) {
      this.#failure = { error: signal.reason };
      return;
    }
    const { id, refusal } = requests.watch({ url }, ({ event, ended }) => {
      if (event !== undefined) this.#take(this.#convert(JSON.parse(event) as JsonVersion));
      // Only the end of the server, or of the store, ends it.
      if (ended) this.#fail(new TimekvError('ERR_TIMEKV_CLOSED', 'the server has ended'));
    });
    this.#id = id;
    if (refusal !== undefined) this.#failure = { error: refusalIn(refusal) };
    signal?.addEventListener('abort', () => {
      this.#fail(signal.reason);
    });
  }

  next(): Promise<IteratorResult<R, undefined>> {
    const [value] = this.#come.splice(0, 1);
    if (value !== undefined) return Promise.resolve({ done: false, value });
    const failure = this.#failure;
    if (failure !== undefined && !this.#isDone) {
      this.#isDone = true;
      return promised(() => {
        throw failure.error;
      });
    }
    if (this.#isDone) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  return(): Promise<IteratorResult<R, undefined>> {
    this.#isDone = true;
    if (this.#id !== undefined) this.#requests.stop(this.#id);
    for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
    return Promise.resolve({ done: true, value: undefined });
  }

  #take(value: R): void {
    const first = this.#waiting.shift();
    if (first === undefined) this.#come.push(value);
    else first.resolve({ done: false, value });
  }

  #fail(error: unknown): void {
    if (this.#isDone) return;
    this.#failure = { error };
    if (this.#id !== undefined && this.#signal?.aborted === true) this.#requests.stop(this.#id);
    const [first, ...others] = this.#waiting.splice(0);
    if (first === undefined) return;
    this.#isDone = true;
    first.reject(error);
    for (const { resolve } of others) resolve({ done: true, value: undefined });
  }
}
