import { setFlagsFromString } from 'node:v8';
import * as Flags from '@oclif/core/flags';
import { CliError, usageError } from '../src/cli/base/cli-error.js';
import { option, textOption } from '../src/cli/declarations.js';
import { packageVersion } from '../src/cli/help.js';
import { readWhole } from '../src/cli/input/input.js';
import { StoreCommand } from '../src/cli/store-command.js';
import { isLoopback } from '../src/http/guard.js';
import { endingMs, hostDefault, portDefault, tokenFileBytesMax } from '../src/http/limits.js';
import type * as HttpServer from '../src/http/server.js';
import { tokensIn } from '../src/http/tokens.js';

export default class Serve extends StoreCommand {
  static override summary = 'Serve the store over HTTP, to programs in any language.';
  static override description =
    'Until it is stopped; it prints the address where it listens. /docs there tells what can be asked, /metrics and /healthz how it is. Another address than one of this machine alone needs a token, which clients send as `Authorization: Bearer TOKEN`, or --insecure.';
  static override examples = [
    '<%= config.bin %> serve',
    '<%= config.bin %> serve --port 8080 --read-only --verbose',
    '$ openssl rand -hex 32 > token; <%= config.bin %> serve --host 0.0.0.0 --token-file token',
  ];
  static override flags = {
    host: textOption({
      helpValue: 'HOST',
      description: `where to listen (default ${hostDefault})`,
    }),
    port: option(parsePort, {
      helpValue: 'PORT',
      description: `its port (default ${portDefault}); 0: any that is free`,
    }),
    'token-file': textOption({
      helpValue: 'PATH',
      description: 'let in who sends a token of this file, which has one in each line',
    }),
    insecure: Flags.boolean({ description: 'let in whoever reaches the address' }),
    'read-only': Flags.boolean({ description: 'write nothing; the store has to exist' }),
    verbose: Flags.boolean({ description: 'tell of each request in a line on stderr' }),
  };

  override async run(): Promise<void> {
    const { flags } = this.readTokens(Serve);
    if (this.chosenFormat !== undefined && this.chosenFormat !== 'json') {
      throw usageError('serve prints its address in a line, or with --json as an object');
    }
    const { host = hostDefault, port = portDefault } = flags;
    const tokens = await this.#tokensOf(flags['token-file']);
    if (!isLoopback(host.toLowerCase()) && tokens.length === 0 && !flags.insecure) {
      throw usageError(
        `--host ${host} lets others in; name a file with a token (--token-file), or say --insecure`,
      );
    }
    const store = await this.ownStore(flags['read-only']);
    const { serve } = await loadServer();
    const tell = (line: string): void => {
      this.host.message(line);
    };
    const serving = await serve(store, {
      host,
      port,
      tokens,
      isReadOnly: flags['read-only'],
      times: this.timeContext(store),
      version: await packageVersion(),
      report: (message) => {
        tell(`timekv: ${message}`);
      },
      log: flags.verbose ? tell : undefined,
    }).catch((error: unknown) => {
      throw cannotListen(error, host, port);
    });
    await this.#announce(serving.address);
    this.host.graceMs = 2 * endingMs;
    await aborted(this.host.signal);
    await serving.close();
    this.host.signal.throwIfAborted();
  }

  async #tokensOf(path: string | undefined): Promise<string[]> {
    if (path === undefined) return [];
    const bytes = await readWhole(path, tokenFileBytesMax, this.host);
    return tokensIn(bytes.toString('utf8'), path);
  }

  async #announce(address: string): Promise<void> {
    if (this.isJson) await this.printJson({ address, dir: this.directory });
    else await this.printLine(`serving ${this.directory} at ${address}`);
    await this.host.output.flush();
  }
}

/**
 * To load Fastify takes longer than most commands take in all. Meanwhile V8's young generation may grow,
 * once: at the size that bin/run.js keeps it at for commands, a request takes a seventh longer
 * (docs/decisions/0025-http.md).
 */
async function loadServer(): Promise<typeof HttpServer> {
  setFlagsFromString('--semi-space-growth-factor=16');
  const server = await import('../src/http/server.js');
  setFlagsFromString('--semi-space-growth-factor=1');
  return server;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw usageError(`--port ${text}: write a number from 0 to 65535`);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}

const listenFaults: Record<string, string> = {
  EADDRINUSE: 'something else listens there; choose another --port',
  EACCES: 'this user may not; choose a --port from 1024 on',
  EADDRNOTAVAIL: 'this machine has no such address; choose another --host',
  ENOTFOUND: 'this machine does not know that name; choose another --host',
};

function cannotListen(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = listenFaults[code];
  if (why === undefined) return error;
  return new CliError('ERR_TIMEKV_IO', `cannot listen on ${host}, port ${port}: ${why}`);
}
