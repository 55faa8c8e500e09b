/** `timekv serve` as users start it: `bin/run.js` in a process of its own, from the built `dist`. */
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { environmentFor, runPath } from '../../cli/support/timekv.js';
import { Child } from '../../support/child.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

export interface ServerOptions {
  /** Of the store; a new one unless it is given. */
  directory?: string;
  /** Options of the command, but for `--port`. */
  args?: readonly string[];
  /** Any that is free unless it is given. */
  port?: number;
  environment?: Record<string, string>;
}

/**
 * On this address a server that is started again finds its port free, and clients meet nobody else
 * meanwhile: connections that go out have 127.0.0.1 as their own address. (Elsewhere there may be no
 * such address.)
 */
export const ownHost = process.platform === 'linux' ? '127.0.0.2' : '127.0.0.1';

const running = new Set<Child>();

/** Starts a server, which may be killed before it listens, and is after the test file at the latest. */
export function spawnServer(options: ServerOptions = {}): Child {
  const { directory, args = [], port = 0, environment } = options;
  const env = environmentFor(directory ?? join(temporaryDirectory(), 'store'), environment);
  const child = new Child([runPath, 'serve', '--port', `${port}`, ...args], { env });
  child.process.stdin?.end();
  running.add(child);
  void child.finished.finally(() => running.delete(child));
  return child;
}

/** Waits until it listens, and answers where: `http://127.0.0.1:58322`. @throws if it ends before */
export async function addressOf(child: Child): Promise<string> {
  await child.printed('\n');
  return / at (http:\S+)\n/.exec(child.stdout)?.[1] ?? '';
}

afterAll(async () => {
  for (const child of running) child.process.kill('SIGKILL');
  await Promise.all([...running].map((child) => child.finished));
});
