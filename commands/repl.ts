import { assertBatchOptions, runBatch } from '../src/cli/batch/batch.js';
import { stdinName } from '../src/cli/input/input.js';
import { StoreCommand } from '../src/cli/store-command.js';

export default class Repl extends StoreCommand {
  static override summary = 'Type commands over one open store; without a terminal, `batch`.';
  static override description =
    'Commands are written without `timekv` and quoted as in redis-cli. Tab completes commands, options, times and keys; Ctrl-R searches what was typed before. `.asof TIME` pins the session: reads are as of then, and nothing is written. `.help` tells what else begins with a dot. Bare `timekv` on a terminal is this.';
  static override examples = [
    '<%= config.bin %> repl',
    '<%= config.bin %> repl --dir ./prices --tz Europe/Berlin',
    '$ printf "keys\\n" | <%= config.bin %> repl',
  ];

  override async run(): Promise<void> {
    const { flags } = this.readTokens(Repl);
    const format = this.chosenFormat;
    const zone = flags.tz;
    // A prompt is no data: it belongs on a terminal, where somebody types.
    if (this.host.hasTerminalInput && this.host.isTerminal) {
      const { runRepl } = await import('../src/cli/repl/repl.js');
      const { directory } = this;
      const options = { directory, format, zone, isPlain: flags['no-color'] };
      return runRepl(this.host, await this.storeToWrite(), options);
    }
    const options = { isAtomic: false, keepsGoing: false, format, zone };
    assertBatchOptions(options);
    return runBatch(stdinName, this.host, await this.storeToWrite(), options);
  }
}
