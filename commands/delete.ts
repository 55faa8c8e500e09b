import { keyOrPrefix, prefixFlag, textArg, timeArg } from '../src/cli/declarations.js';
import { given, type StoreAccess } from '../src/cli/base/store-access.js';
import { StoreCommand } from '../src/cli/store-command.js';

export default class Delete extends StoreCommand {
  static override summary = 'Write a tombstone: from that time on the key has no value.';
  static override description =
    'Reads as of earlier times are not touched. A key that does not exist gets a tombstone too. With --prefix there is no KEY: all keys that have a value then, as one batch.';
  static override examples = [
    '<%= config.bin %> delete price',
    "<%= config.bin %> delete price '2026-03-29T01:00'",
    '<%= config.bin %> delete --prefix session: --json',
  ];
  static override args = { key: textArg({ description: 'the key' }), time: timeArg };
  static override flags = { prefix: prefixFlag };

  override async run(): Promise<void> {
    const { args, flags } = this.readTokens(Delete);
    const { key, prefix, time } = keyOrPrefix(args, flags.prefix);
    const store = await this.storeToWrite();
    const at = await this.timeToWrite(store, time);
    if (prefix !== undefined) return this.#deleteAll(store, prefix, at);
    const existed = this.isJson && (await store.get(key, at)) !== undefined;
    await this.write(store, { type: 'delete', key, ...given({ at }) }, { existed });
  }

  async #deleteAll(store: StoreAccess, prefix: string, at: number | undefined): Promise<void> {
    const keys = store.keys({ prefix, ...given({ at }) });
    const operations = [];
    for await (const key of keys)
      operations.push({ type: 'delete', key, ...given({ at }) } as const);
    await this.writeAll(store, operations, (versions) =>
      versions.map((version) => ({ ...version, existed: true })),
    );
  }
}
