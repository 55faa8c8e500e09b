import { keyArg, timeArg } from '../src/cli/declarations.js';
import { given } from '../src/cli/store-access.js';
import { StoreCommand } from '../src/cli/store-command.js';

export default class Delete extends StoreCommand {
  static override summary = 'Write a tombstone: from that time on the key has no value.';
  static override description =
    'Reads as of earlier times are not touched. A key that does not exist gets a tombstone too.';
  static override examples = [
    '<%= config.bin %> delete price',
    "<%= config.bin %> delete price '2026-03-29T01:00'",
    '<%= config.bin %> delete price --json',
  ];
  static override args = { key: keyArg, time: timeArg };

  override async run(): Promise<void> {
    const { args } = await this.parse(Delete);
    const store = await this.storeToWrite();
    const at = await this.timeToWrite(store, args.time);
    const existed = this.isJson && (await store.get(args.key, at)) !== undefined;
    await this.write(store, { type: 'delete', key: args.key, ...given({ at }) }, { existed });
  }
}
