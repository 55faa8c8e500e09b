/** Runs the command line within the test's own process: what it says is kept instead of printed. */
import { Readable } from 'node:stream';
import type { Host } from '../../../src/cli/base/host.js';
import type { Output } from '../../../src/cli/base/output.js';
import { runCommandLine } from '../../../src/cli/command-line.js';
import { environmentFor, type Outcome, type Surroundings } from './timekv.js';

/** Pipes at all three ends. What nobody flushes is lost, as it would be with the process. */
export class RecordedHost implements Host {
  readonly environment: NodeJS.ProcessEnv;
  readonly input: Readable;
  readonly signal = new AbortController().signal;
  readonly hasTerminalInput = false;
  readonly isTerminal = false;
  readonly hasTerminalMessages = false;
  readonly width = Infinity;
  readonly height = Infinity;
  graceMs = Infinity;
  readonly output: Output;
  readonly printed: Buffer[] = [];
  told = '';

  constructor(environment: NodeJS.ProcessEnv, input: string | Buffer) {
    this.environment = environment;
    this.input = Readable.from(inPieces(Buffer.from(input)));
    const unsent: Buffer[] = [];
    this.output = {
      write: (chunk) => void unsent.push(Buffer.from(chunk)),
      flush: () => {
        this.printed.push(...unsent.splice(0));
        return Promise.resolve();
      },
    };
  }

  message(text: string): void {
    this.told += `${text}\n`;
  }

  draw(text: string): void {
    this.told += text;
  }

  takeInterrupts(): () => void {
    return () => undefined;
  }
}

/** As a pipe brings it. */
function* inPieces(bytes: Buffer): Generator<Buffer> {
  const most = 64 * 1024;
  for (let at = 0; at < bytes.length; at += most) yield bytes.subarray(at, at + most);
}

/** Runs a command to its end, as `run` does in a process of its own: a fiftieth of the time. */
export async function runHere(
  directory: string,
  words: readonly string[],
  { input = '', environment = {} }: Surroundings = {},
): Promise<Outcome> {
  const host = new RecordedHost(environmentFor(directory, environment), input);
  const code = await runCommandLine(words, host);
  const bytes = Buffer.concat(host.printed);
  return { code, signal: null, stdout: bytes.toString(), stderr: host.told, bytes };
}
