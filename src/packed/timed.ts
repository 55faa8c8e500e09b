/** A value and its time. */
export interface Timed<V> {
  timestamp: number;
  value: V;
}

/** Entries in the order of time. */
export interface Run<V> {
  readonly times: number[];
  readonly values: V[];
}

export function timedAt<V>({ times, values }: Run<V>, at: number): Timed<V> {
  return { timestamp: times[at] as number, value: values[at] as V };
}
