import { usageError } from '../src/cli/base/cli-error.js';
import { option, parseCount, prefixArg, textOption } from '../src/cli/declarations.js';
import { parseMilliseconds } from '../src/cli/time/duration.js';
import type { Look } from '../src/cli/base/look.js';
import { versionShape } from '../src/cli/display/shapes.js';
import { given } from '../src/cli/base/store-access.js';
import { StoreCommand } from '../src/cli/store-command.js';
import { sentAtOnce, watchedRows } from '../src/cli/watched.js';

export default class Watch extends StoreCommand {
  static override summary = 'Print each operation as it is committed, by any process.';
  static override description =
    'In the order of their seqs, until it is stopped. With --since also what was committed before, as far as the log is kept: at least its last 16 MiB, until `compact --full`. --json gives a line for each.';
  static override examples = [
    '<%= config.bin %> watch user:',
    '<%= config.bin %> watch --since 0 --json > log.ndjson',
    '<%= config.bin %> watch --key deploy --limit 1 --timeout 10m',
  ];
  static override args = { prefix: prefixArg };
  static override flags = {
    key: textOption({ helpValue: 'KEY', description: 'only this key' }),
    since: option(parseCount, {
      helpValue: 'SEQ',
      description: 'begin after this seq (0: from the first); default: now',
    }),
    limit: option(parseCount, { helpValue: 'N', description: 'end after so many' }),
    timeout: option(parseMilliseconds, {
      helpValue: 'DURATION',
      description: 'end after so long; exit 5 if --limit was not reached, else 0',
    }),
  };

  override async run(): Promise<void> {
    const { args, flags } = this.readTokens(Watch);
    const { key, since, limit, timeout } = flags;
    const { signal, session, output } = this.host;
    if (args.prefix !== undefined && key !== undefined) {
      throw usageError(`--key ${key} and the prefix ${args.prefix} exclude each other`);
    }
    if (session?.isLineByLine === true && limit === undefined && timeout === undefined) {
      throw usageError('watch has no end here; set --limit or --timeout');
    }
    // Not only to read: whoever lives on does the maintenance that waits.
    const store = await (session === undefined ? this.storeToMaintain() : this.storeToRead());
    const shape = versionShape(store.unit, store.now());
    const stop = new AbortController();
    const rows = watchedRows(
      store,
      given({ key, prefix: args.prefix, since }),
      { limit, timeout },
      AbortSignal.any([signal, stop.signal]),
    );
    const sent = sentAtOnce(rows, output, (error) => {
      stop.abort(error);
    });
    await this.printRows(shape, sent);
  }

  /** Where a line of JSON is a whole answer it is an array, like other rows; else a line a row. */
  protected override get look(): Look {
    const look = super.look;
    const isLines = look.format === 'json' && !look.isOneLine;
    return { ...look, isLive: true, ...(isLines && { format: 'ndjson' }) };
  }
}
