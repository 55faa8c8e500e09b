import { factShape, factsOf } from '../src/cli/display/shapes.js';
import { StoreCommand } from '../src/cli/store-command.js';

export default class Stats extends StoreCommand {
  static override summary = 'Show sizes, counts, the cache, and what waits.';
  static override examples = [
    '<%= config.bin %> stats',
    '<%= config.bin %> stats --json',
    "<%= config.bin %> stats --format tsv | grep '^segments'",
  ];

  override async run(): Promise<void> {
    this.readTokens(Stats);
    const store = await this.storeToRead();
    const stats = await store.stats();
    if (this.isJson) return this.printJson(stats);
    await this.printRows(factShape, factsOf(stats));
  }
}
