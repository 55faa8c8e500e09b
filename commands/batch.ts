import * as Flags from '@oclif/core/flags';
import { assertBatchOptions, runBatch } from '../src/cli/batch/batch.js';
import { fileArg } from '../src/cli/declarations.js';
import { stdinOr } from '../src/cli/input/input.js';
import { StoreCommand } from '../src/cli/store-command.js';

export default class Batch extends StoreCommand {
  static override summary = 'Run many commands, a line each, as one process.';
  static override description =
    'Each line is a command without `timekv`, quoted as in redis-cli; # begins a comment. A read that finds nothing answers \\N. Each answer is flushed when its line is done, so this is a co-process too.';
  static override examples = [
    '<%= config.bin %> batch commands.txt',
    "$ printf 'set a 1\\nget a\\n' | <%= config.bin %> batch --json",
    '<%= config.bin %> batch --atomic - < commands.txt',
  ];
  static override args = { file: fileArg };
  static override flags = {
    atomic: Flags.boolean({ description: 'make one batch of the writes: all of them, or none' }),
    'keep-going': Flags.boolean({ description: "go on after an error; exit as the first one's" }),
  };

  override async run(): Promise<void> {
    const { args, flags } = this.readTokens(Batch);
    const options = {
      isAtomic: flags.atomic,
      keepsGoing: flags['keep-going'],
      format: this.chosenFormat,
      zone: flags.tz,
    };
    assertBatchOptions(options);
    const path = stdinOr(args.file, this.host);
    await runBatch(path, this.host, await this.storeToWrite(), options);
  }
}
