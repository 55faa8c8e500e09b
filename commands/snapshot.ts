import { StoreCommand } from '../src/cli/store-command.js';

export default class Snapshot extends StoreCommand {
  static override summary = "Write the log's content into a segment (a checkpoint).";
  static override examples = [
    '<%= config.bin %> snapshot',
    '<%= config.bin %> snapshot --dir ./prices',
    '<%= config.bin %> snapshot && <%= config.bin %> stats',
  ];

  override async run(): Promise<void> {
    this.readTokens(Snapshot);
    const store = await this.storeToMaintain();
    await store.snapshot();
    if (this.isJson) await this.printJson(null);
  }
}
