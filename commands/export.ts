import { StoreCommand } from '../src/cli/store-command.js';
import { versionShape } from '../src/cli/shapes.js';

export default class Export extends StoreCommand {
  static override summary = 'Print all versions of all keys, in a form that import reads.';
  static override examples = [
    '<%= config.bin %> export --format ndjson > all.ndjson',
    '<%= config.bin %> export --format csv | gzip > all.csv.gz',
    '<%= config.bin %> export --format ndjson | <%= config.bin %> import --input-format ndjson --dir ./copy',
  ];

  protected override readonly isPaged = true;

  override async run(): Promise<void> {
    await this.parse(Export);
    const store = await this.storeToRead();
    await this.printRows(versionShape(store.unit, store.now()), store.versions(), true);
  }
}
