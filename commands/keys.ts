import * as Flags from '@oclif/core/flags';
import { usageError } from '../src/cli/base/cli-error.js';
import { prefixArg, rangeFlags } from '../src/cli/declarations.js';
import { keyShape } from '../src/cli/display/shapes.js';
import { StoreCommand } from '../src/cli/store-command.js';

export default class Keys extends StoreCommand {
  static override summary = 'List the keys that have a value as of a time, in key order.';
  static override examples = [
    '<%= config.bin %> keys',
    '<%= config.bin %> keys user: --limit 10',
    '<%= config.bin %> keys --at yesterday --count',
  ];
  static override args = { prefix: prefixArg };
  static override flags = {
    ...rangeFlags,
    all: Flags.boolean({ description: 'every key with a history, whether it has a value or not' }),
  };

  protected override readonly isPaged = true;

  override async run(): Promise<void> {
    const { args, flags } = this.readTokens(Keys);
    if (flags.all && flags.at !== undefined) throw usageError('--all takes no --at');
    const store = await this.storeToRead(flags.snapshot);
    const range = await this.range(store, args.prefix, flags);
    const keys = store.keys({ ...range, ...(flags.all && { all: true }) });
    if (flags.count) return this.printLine(String(await this.count(keys)));
    await this.printRows(keyShape, keys);
  }
}
