import * as Flags from '@oclif/core/flags';
import { CliError, errorJson, usageError } from '../src/cli/base/cli-error.js';
import { fileArg, textOption } from '../src/cli/declarations.js';
import { importRecords } from '../src/cli/input/import-rows.js';
import { countedChunksOf, inLargePieces, stdinOr } from '../src/cli/input/input.js';
import { rowFlags } from '../src/cli/row-flags.js';
import { formatByName, recordsOf } from '../src/cli/input/row-input.js';
import { Progress } from '../src/cli/base/progress.js';
import { SkippedRows } from '../src/cli/input/skipped-rows.js';
import { StoreCommand } from '../src/cli/store-command.js';
import { parseTtl } from '../src/cli/time/duration.js';
import { parseTime } from '../src/cli/time/time-expression.js';

/** The rows of a piece are committed together: a few thousand, as a rule. */
const pieceBytes = 512 * 1024;

/** After so many rows the log is flushed at the end. */
const rowsToFlush = 10_000;

export default class Import extends StoreCommand {
  static override summary = 'Write many versions, from CSV, TSV or NDJSON.';
  static override description =
    'Reads stdin if no FILE is named. Columns `state` and `expiresAt` are obeyed where present.';
  static override examples = [
    '<%= config.bin %> import prices.csv',
    '<%= config.bin %> import prices.csv --key symbol --time date --value close',
    '$ zcat all.ndjson.gz | <%= config.bin %> import --input-format ndjson --skip-bad',
  ];
  static override args = { file: fileArg };
  static override flags = {
    ...rowFlags,
    time: textOption({
      helpValue: 'COL',
      description: 'column of times (default timestamp; a row without a time is as of now)',
    }),
    value: textOption({ helpValue: 'COL', description: 'column of values (default value)' }),
    ttl: textOption({
      helpValue: 'D',
      description: 'how long each value is valid, from its time on, unless its row has expiresAt',
    }),
    'skip-bad': Flags.boolean({ description: 'go on after a bad row, and exit 2 at the end' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = this.readTokens(Import);
    const source = stdinOr(args.file, this.host);
    const { key = 'key', time, value = 'value', 'input-format': format } = flags;
    const store = await this.storeToWrite();
    const context = this.timeContext(store);
    const { chunks, share } = countedChunksOf(source, this.host);
    const progress = new Progress(this.host, 'rows', share);
    const records = recordsOf(inLargePieces(chunks, pieceBytes), format ?? formatByName(source), {
      key,
      time,
      value,
    });
    const skipped = new SkippedRows();
    const result = await importRecords(store, records, {
      skipBad: flags['skip-bad'],
      ttl: parseTtl(flags.ttl, store.unit),
      readTime: (text) => parseTime(text, context),
      onBadRow: (message) => {
        if (this.isJson) skipped.add(message);
        else progress.message(message);
      },
      onInterrupted: (message) => {
        const error = new CliError('ERR_TIMEKV_INTERRUPTED', message);
        progress.message(this.isJson ? JSON.stringify(errorJson(error)) : message);
      },
      onProgress: (rows) => {
        progress.show(rows);
      },
      signal: this.host.signal,
    }).finally(() => {
      progress.clear();
    });
    progress.total(result.imported);
    // Else each command after this one would walk through what is left of them in the log. Whatever
    // keeps it from being done, they are committed, and somebody will do it later.
    if (result.imported >= rowsToFlush) await store.snapshot().catch(() => undefined);
    if (this.isJson) await this.printJson(result);
    if (result.skipped > 0) throw usageError(skipped.summary(result.skipped));
  }
}
