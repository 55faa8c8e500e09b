// What a thread that is terminated shares with the one that terminates it.

/** What a thread was at, as last told. */
export const steps = {
  starting: 0,
  opening: 1,
  committing: 2,
  maintaining: 3,
  reading: 4,
  closing: 5,
};
const groupsMax = 2000;
const single = 1;
const batch = 2;

export class LifeMemory {
  /** The step, how many groups were begun, and how many threads of its own it has started. */
  #numbers;
  /** Of each group: how it was acknowledged; 0: it was not. */
  #acknowledged;

  constructor(memory = new SharedArrayBuffer(12 + groupsMax)) {
    this.memory = memory;
    this.#numbers = new Int32Array(memory, 0, 3);
    this.#acknowledged = new Uint8Array(memory, 12);
  }

  get step() {
    return Atomics.load(this.#numbers, 0);
  }

  set step(step) {
    Atomics.store(this.#numbers, 0, step);
  }

  get begun() {
    return Atomics.load(this.#numbers, 1);
  }

  get threads() {
    return Atomics.load(this.#numbers, 2);
  }

  startedThread() {
    Atomics.add(this.#numbers, 2, 1);
  }

  /** The number of another group; undefined if there have been enough. */
  begin(max = groupsMax) {
    const number = this.begun;
    if (number >= max) return undefined;
    Atomics.store(this.#numbers, 1, number + 1);
    return number;
  }

  acknowledge(number, isBatch) {
    Atomics.store(this.#acknowledged, number, isBatch ? batch : single);
  }

  /** Numbers of all that were acknowledged. */
  acknowledged() {
    return Array.from({ length: this.begun }, (_, number) => number).filter(
      (number) => Atomics.load(this.#acknowledged, number) > 0,
    );
  }
}

/** What a group writes: one key, or two that must always agree. */
export function groupRows(life, number, { isBatch, bytes }) {
  const value = `${life}/${number} `.padEnd(bytes, '.');
  const key = `${life}/${number}`;
  if (!isBatch) return [{ key, value }];
  return ['left', 'right'].map((half) => ({ key: `${key}/${half}`, value }));
}
