import * as Flags from '@oclif/core/flags';
import { usageError } from '../src/cli/base/cli-error.js';
import { fileArg, snapshotFlag, textOption } from '../src/cli/declarations.js';
import { parseMaxAge } from '../src/cli/time/duration.js';
import { refusalOf, toldOf } from '../src/cli/input/fields.js';
import { chunksOf, stdinOr } from '../src/cli/input/input.js';
import { openJoinInput } from '../src/cli/input/join-input.js';
import { joinedRows, joinedShape } from '../src/cli/input/joined.js';
import { rowFlags } from '../src/cli/row-flags.js';
import { formatByName } from '../src/cli/input/row-input.js';
import { SkippedRows } from '../src/cli/input/skipped-rows.js';
import { StoreCommand } from '../src/cli/store-command.js';
import { parseTime } from '../src/cli/time/time-expression.js';

export default class AsofJoin extends StoreCommand {
  static override summary = "Add to each row of a file the value as of the row's time.";
  static override description =
    'Reads stdin if no FILE is named. Rows stay in their order, and may be any number. Where there is no value, the column is left empty, or has the --default.';
  static override examples = [
    '<%= config.bin %> asof-join trades.csv --key symbol --time at --as price --format csv',
    '$ zcat log.ndjson.gz | <%= config.bin %> asof-join --input-format ndjson --key user --time ts --as plan --format ndjson',
    '<%= config.bin %> asof-join orders.csv --as price --max-age 1d --default unknown',
  ];
  static override args = { file: fileArg };
  static override flags = {
    ...rowFlags,
    time: textOption({ helpValue: 'COL', description: 'column of times (default timestamp)' }),
    snapshot: snapshotFlag,
    as: textOption({ helpValue: 'NAME', description: 'column that is added (default value)' }),
    'max-age': textOption({
      helpValue: 'DURATION',
      description: "only a version at most so old, as of the row's time",
    }),
    default: textOption({ helpValue: 'VALUE', description: 'what to add where there is none' }),
    'skip-bad': Flags.boolean({ description: 'leave bad rows out, and exit 2 at the end' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = this.readTokens(AsofJoin);
    const source = stdinOr(args.file, this.host);
    const { key = 'key', time = 'timestamp', as = 'value', 'input-format': format } = flags;
    const { default: fallback, 'max-age': maxAge } = flags;
    const store = await this.storeToRead(flags.snapshot);
    const context = this.timeContext(store);
    const chunks = chunksOf(source, this.host);
    const names = { key, time, as, hasColumns: !this.isJson };
    const input = await openJoinInput(chunks, format ?? formatByName(source), names);
    const skipped = new SkippedRows();
    let count = 0;
    const rows = joinedRows(store, input.rows, {
      readTime: (text) => parseTime(text, context),
      maxAge: parseMaxAge(maxAge, store.unit),
      fallback: fallback === undefined ? undefined : Buffer.from(fallback),
      onBadRow: (fault) => {
        if (!flags['skip-bad']) throw refusalOf(fault);
        const message = toldOf(fault);
        count += 1;
        if (this.isJson) skipped.add(message);
        else this.host.message(message);
      },
    });
    await this.printPieces(joinedShape(input.columns, as), rows, true);
    if (count > 0) throw usageError(skipped.summary(count));
  }
}
