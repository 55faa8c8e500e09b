/** The real file system, keeping a record of every call, and failing those that it is told to. */
import { relative } from 'node:path';
import { type FileSystem, nodeFileSystem } from '../../src/disk/file-system.js';

export type CallName = keyof FileSystem;

export interface Call {
  name: CallName;
  /** Relative to the store's directory. */
  path: string;
  /** Bytes to be read or written; 0 for other calls. */
  bytes: number;
}

export interface FaultyFileSystem extends FileSystem {
  /** Every call so far, in order, failed ones too. */
  readonly calls: Call[];
  /** Open descriptors, as paths. */
  readonly openFiles: ReadonlyMap<number, string>;
  /** Lets the nth call from now on (1: the next) that matches fail with a system error. */
  failNth(nth: number, matches: (call: Call) => boolean, code: string): void;
  /** Lets every call that matches fail, until `mend`. */
  failAll(matches: (call: Call) => boolean, code: string): void;
  mend(): void;
}

type AnyCall = (...args: unknown[]) => unknown;

export function faultyFileSystem(directory: string): FaultyFileSystem {
  const calls: Call[] = [];
  const opened = new Map<number, string>();
  let faults: ((call: Call) => string | undefined)[] = [];

  const pathOf = (target: unknown): string => {
    const path = typeof target === 'number' ? (opened.get(target) ?? '') : String(target);
    return relative(directory, path);
  };

  const wrap =
    (name: CallName, call: AnyCall): AnyCall =>
    (...args) => {
      const [target, bytes, , length] = args;
      const written = name === 'write' ? (bytes as Buffer).length : 0;
      const made = {
        name,
        path: pathOf(target),
        bytes: name === 'read' ? Number(length) : written,
      };
      calls.push(made);
      const code = faults.map((fault) => fault(made)).find((each) => each !== undefined);
      // A close that fails has closed all the same.
      const answer = code === undefined || name === 'close' ? call(...args) : undefined;
      if (name === 'close') opened.delete(target as number);
      if (code !== undefined) {
        const message = `${code}: planted at ${name}`;
        const error = Object.assign(new Error(message), { code, path: target });
        if (name.endsWith('Async')) return Promise.reject(error);
        throw error;
      }
      if (name === 'open' || name === 'create') opened.set(answer as number, target as string);
      return answer;
    };

  const entries = Object.entries(nodeFileSystem) as [CallName, AnyCall][];
  const wrapped = Object.fromEntries(entries.map(([name, call]) => [name, wrap(name, call)]));
  return Object.assign(wrapped as unknown as FileSystem, {
    calls,
    openFiles: opened,
    failNth(nth: number, matches: (call: Call) => boolean, code: string) {
      let left = nth;
      faults.push((call) => (matches(call) && --left === 0 ? code : undefined));
    },
    failAll(matches: (call: Call) => boolean, code: string) {
      faults.push((call) => (matches(call) ? code : undefined));
    },
    mend() {
      faults = [];
    },
  });
}
