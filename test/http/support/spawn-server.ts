/** `timekv serve` as users start it: `bin/run.js` in a process of its own, from the built `dist`. */
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { environmentFor, runPath } from '../../cli/support/timekv.js';
import { Child, type Finished } from '../../support/child.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

export interface ServerOptions {
  /** Of the store; a new one unless it is given. */
  directory?: string;
  flags?: readonly string[];
  /** Any that is free unless it is given. */
  port?: number;
}

export interface Server {
  url: string;
  pid: number;
  child: Child;
  /** Ends it in good order. */
  stop(): Promise<Finished>;
}

/**
 * On this address a server that is started again finds its port free, and clients meet nobody else
 * meanwhile: connections that go out have 127.0.0.1 as their own address. (Elsewhere there may be no
 * such address.)
 */
export const ownHost = process.platform === 'linux' ? '127.0.0.2' : '127.0.0.1';

const running = new Set<Child>();

/** Starts a server, which may be killed before it listens. */
export function spawnServer({ directory, flags = [], port = 0 }: ServerOptions = {}): Child {
  const env = environmentFor(directory ?? join(temporaryDirectory(), 'store'));
  const child = new Child([runPath, 'serve', '--port', `${port}`, ...flags], { env });
  running.add(child);
  void child.finished.finally(() => running.delete(child));
  return child;
}

/** Waits until it listens, and answers where. @throws if it ends before */
export async function addressOf(child: Child): Promise<string> {
  let said = '';
  child.process.stdout?.on('data', (text: string) => (said += text));
  await child.printed('\n');
  return / at (http:\S+)\n/.exec(said)?.[1] ?? '';
}

export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const child = spawnServer(options);
  const url = await addressOf(child);
  const stop = (): Promise<Finished> => {
    child.process.kill('SIGTERM');
    return child.finished;
  };
  return { url, pid: child.pid, child, stop };
}

afterAll(() => {
  for (const child of running) child.process.kill('SIGKILL');
});
