import { usageError } from '../src/cli/base/cli-error.js';
import { textArg } from '../src/cli/declarations.js';
import { versionShape } from '../src/cli/display/shapes.js';
import { StoreCommand } from '../src/cli/store-command.js';
import { dumpedRows } from '../src/cli/display/dumped.js';

export default class Dump extends StoreCommand {
  static override summary = 'Print the content of a WAL or segment file, a version a line.';
  static override description =
    'Needs no store: the file may lie in quarantine, or be a copy. The columns are those of history, in the order of the file; what it says of itself and of its frames goes to stderr, and so does each part that cannot be read. Exits with 6 if there is any.';
  static override examples = [
    '<%= config.bin %> dump ./data/segments/4f1c….seg',
    '<%= config.bin %> dump ./data/wal/00000001-4f1c….wal --format ndjson',
    '<%= config.bin %> dump ./data/quarantine/4f1c….seg --format ndjson | <%= config.bin %> import --input-format ndjson --dir ./rescued',
  ];
  static override args = {
    file: textArg({ required: true, description: 'a file of a store, wherever it lies' }),
  };

  protected override readonly isPaged = true;

  override async run(): Promise<void> {
    const { args } = this.readTokens(Dump);
    if (args.file === '') throw usageError('FILE is empty');
    const { rows, end } = await dumpedRows(args.file, this.host, this.isJson);
    // A file does not say what its times count, and it is not the place to judge what has expired.
    await this.printRows(versionShape('tick', -Infinity), rows);
    end();
  }
}
