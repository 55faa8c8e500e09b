import { prefixArg, rangeFlags } from '../src/cli/declarations.js';
import { scanShape } from '../src/cli/display/shapes.js';
import { StoreCommand } from '../src/cli/store-command.js';

export default class Scan extends StoreCommand {
  static override summary = 'List keys with their values as of a time, in key order.';
  static override examples = [
    '<%= config.bin %> scan user:',
    "<%= config.bin %> scan --at '2026-03-29T01:00' --format ndjson",
    '<%= config.bin %> scan --start b --end c --reverse --limit 10',
  ];
  static override args = { prefix: prefixArg };
  static override flags = rangeFlags;

  protected override readonly isPaged = true;

  override async run(): Promise<void> {
    const { args, flags } = this.readTokens(Scan);
    const store = await this.storeToRead(flags.snapshot);
    const versions = store.scan(await this.range(store, args.prefix, flags));
    if (flags.count) return this.printLine(String(await this.count(versions)));
    await this.printRows(scanShape, versions);
  }
}
