import { snapshotFlag, textArg, textOption } from '../src/cli/declarations.js';
import { diffShape } from '../src/cli/display/shapes.js';
import { given } from '../src/cli/base/store-access.js';
import { StoreCommand } from '../src/cli/store-command.js';

export default class Diff extends StoreCommand {
  static override summary = 'List what was added, changed or removed between two times.';
  static override description =
    'Compares the values as of T1 with those as of T2. That a value was written again, the same, is no change.';
  static override examples = [
    '<%= config.bin %> diff yesterday',
    "<%= config.bin %> diff '2026-03-29T01:00' '2026-03-29T02:00' --prefix user:",
    '<%= config.bin %> diff -1h --json',
  ];
  static override args = {
    t1: textArg({ required: true, description: 'from this time, see `timekv help time`' }),
    t2: textArg({ description: 'to this time; default now' }),
  };
  static override flags = {
    prefix: textOption({ helpValue: 'P', description: 'only keys that begin so' }),
    snapshot: snapshotFlag,
  };

  protected override readonly isPaged = true;

  override async run(): Promise<void> {
    const { args, flags } = this.readTokens(Diff);
    const store = await this.storeToRead(flags.snapshot);
    const from = await this.time(store, args.t1);
    const to = await this.time(store, args.t2);
    await this.printRows(diffShape, store.diff(from, to, given({ prefix: flags.prefix })));
  }
}
