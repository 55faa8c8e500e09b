import { snapshotFlag } from '../src/cli/declarations.js';
import { Progress } from '../src/cli/base/progress.js';
import { StoreCommand } from '../src/cli/store-command.js';
import { versionShape } from '../src/cli/display/shapes.js';

export default class Export extends StoreCommand {
  static override summary = 'Print all versions of all keys, in a form that import reads.';
  static override examples = [
    '<%= config.bin %> export --format ndjson > all.ndjson',
    '<%= config.bin %> export --format csv | gzip > all.csv.gz',
    '<%= config.bin %> export --format ndjson | <%= config.bin %> import --input-format ndjson --dir ./copy',
  ];
  static override flags = { snapshot: snapshotFlag };

  protected override readonly isPaged = true;

  override async run(): Promise<void> {
    const { flags } = this.readTokens(Export);
    const store = await this.storeToRead(flags.snapshot);
    const shape = versionShape(store.unit, store.now());
    // Where the rows themselves are seen, they are the progress.
    if (this.host.isTerminal || !this.host.hasTerminalMessages) {
      return this.printRows(shape, store.versions(), true);
    }
    const { entries } = await store.stats();
    let count = 0;
    const progress = new Progress(this.host, 'versions', () => count / entries);
    const seen = async function* () {
      for await (const version of store.versions()) {
        progress.show(++count);
        yield version;
      }
    };
    try {
      await this.printRows(shape, seen(), true);
    } finally {
      progress.clear();
    }
    progress.total(count);
  }
}
