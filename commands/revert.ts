import type { Operation } from '../src/index.js';
import { usageError } from '../src/cli/base/cli-error.js';
import { keyOrPrefix, prefixFlag, textArg, timeArg } from '../src/cli/declarations.js';
import type { StoreAccess } from '../src/cli/base/store-access.js';
import { StoreCommand } from '../src/cli/store-command.js';

export default class Revert extends StoreCommand {
  static override summary = 'Write now what was valid then.';
  static override description =
    'Writes the value as of TIME again, without its expiry, or a tombstone where there was none; nothing where nothing differs. Versions of the future stay. With --prefix there is no KEY: all keys that differ, as one batch.';
  static override examples = [
    '<%= config.bin %> revert price yesterday',
    "<%= config.bin %> revert price '2026-03-29T01:00' --json",
    '<%= config.bin %> revert --prefix flags: -1h',
  ];
  static override args = { key: textArg({ description: 'the key' }), time: timeArg };
  static override flags = { prefix: prefixFlag };

  override async run(): Promise<void> {
    const { args, flags } = this.readTokens(Revert);
    const { key, prefix, time } = keyOrPrefix(args, flags.prefix);
    if (time === undefined) throw usageError('revert needs the TIME whose values are to come back');
    const store = await this.storeToMaintain();
    const then = await this.time(store, time);
    const operations =
      prefix === undefined
        ? await revertKey(store, key, then)
        : await revertAll(store, prefix, then);
    await this.#tellOfFuture(store, operations);
    await this.writeAll(store, operations, (versions) =>
      prefix === undefined ? (versions[0] ?? null) : versions,
    );
  }

  /** What was planned for later is still to come. */
  async #tellOfFuture(store: StoreAccess, operations: readonly Operation<Buffer>[]): Promise<void> {
    const from = store.now() + 1;
    for (const { key } of operations) {
      const count = await this.count(store.history(key, { from }));
      if (count === 0) continue;
      const versions = count === 1 ? '1 version' : `${count} versions`;
      this.host.message(`note: ${JSON.stringify(key)} has ${versions} of the future, which stay`);
    }
  }
}

async function revertKey(
  store: StoreAccess,
  key: string,
  then: number,
): Promise<Operation<Buffer>[]> {
  const before = await store.get(key, then);
  const now = await store.get(key);
  const isSame = before === undefined || now === undefined ? before === now : before.equals(now);
  return isSame ? [] : [backTo(key, before)];
}

async function revertAll(
  store: StoreAccess,
  prefix: string,
  then: number,
): Promise<Operation<Buffer>[]> {
  const operations = [];
  for await (const { key, before } of store.diff(then, undefined, { prefix })) {
    operations.push(backTo(key, before));
  }
  return operations;
}

function backTo(key: string, value: Buffer | undefined): Operation<Buffer> {
  return value === undefined ? { type: 'delete', key } : { type: 'set', key, value };
}
