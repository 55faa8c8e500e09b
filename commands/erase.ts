import * as Flags from '@oclif/core/flags';
import type { Operation } from '../src/index.js';
import { CliError, nothingThere, usageError } from '../src/cli/base/cli-error.js';
import { requireConsent } from '../src/cli/base/consent.js';
import { keyOrPrefix, prefixFlag, textArg } from '../src/cli/declarations.js';
import type { StoreAccess } from '../src/cli/base/store-access.js';
import { StoreCommand } from '../src/cli/store-command.js';

/** What is to be erased, and how that is told. */
interface Erasure {
  operations: Operation<Buffer>[];
  what: string;
}

export default class Erase extends StoreCommand {
  static override summary = 'Take out a version, or whole histories, for good.';
  static override description =
    'For all reads that begin later, of times past too. TIME is the very time of a version; every write ever made there goes. With --prefix there is no KEY: the whole histories of all keys that begin so, as one batch. The bytes leave the directory with `compact --full`. Backups are not reached. Asks on a terminal; elsewhere it needs --yes.';
  static override examples = [
    "<%= config.bin %> erase price '2026-03-29T01:00:00.25' --yes",
    '<%= config.bin %> erase user:42 --all',
    '<%= config.bin %> erase --prefix user:42: --yes --json',
  ];
  static override args = {
    key: textArg({ description: 'the key' }),
    time: textArg({ description: "the version's own time" }),
  };
  static override flags = {
    all: Flags.boolean({ description: 'the whole history of KEY' }),
    prefix: prefixFlag,
    yes: Flags.boolean({ description: 'do so without asking' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = this.readTokens(Erase);
    const { key, prefix, time } = keyOrPrefix(args, flags.prefix);
    if (flags.all && prefix !== undefined)
      throw usageError('--all belongs to a KEY, not to --prefix');
    if (time !== undefined && (flags.all || prefix !== undefined)) {
      throw usageError(`${JSON.stringify(time)}: a whole history has no TIME`);
    }
    if (time === undefined && !flags.all && prefix === undefined) {
      throw usageError('erase needs the TIME of a version; for the whole history say --all');
    }
    const store = await this.storeToMaintain();
    const erasure =
      prefix === undefined
        ? await this.#ofKey(store, key, time)
        : await this.#ofPrefix(store, prefix);
    const asked = { what: `Erase ${erasure.what}`, hasYes: flags.yes };
    const refused = new CliError('ERR_TIMEKV_CONFLICT', 'nothing was erased');
    await requireConsent(this.host, asked, refused);
    await this.#erase(store, erasure, prefix !== undefined);
  }

  async #ofKey(store: StoreAccess, key: string, time: string | undefined): Promise<Erasure> {
    const name = JSON.stringify(key);
    if (time === undefined) {
      return { operations: [{ type: 'erase', key, at: 'all' }], what: `the history of ${name}` };
    }
    const at = await this.time(store, time);
    return { operations: [{ type: 'erase', key, at }], what: `the version of ${name} at ${at}` };
  }

  async #ofPrefix(store: StoreAccess, prefix: string): Promise<Erasure> {
    const operations: Operation<Buffer>[] = [];
    for await (const key of store.keys({ prefix, all: true })) {
      operations.push({ type: 'erase', key, at: 'all' });
      await this.pause(operations.length);
    }
    const { length } = operations;
    const histories = length === 1 ? 'history of the key' : 'histories of the keys';
    return { operations, what: `${length} ${histories} that begin with ${JSON.stringify(prefix)}` };
  }

  async #erase(store: StoreAccess, { operations }: Erasure, isPrefix: boolean): Promise<void> {
    const gather = this.host.session?.gather;
    if (gather !== undefined) {
      gather(operations, this.isJson ? (erased) => countOf(erased, isPrefix) : undefined);
      return;
    }
    const { answers } = await store.commit(operations);
    const count = answers.reduce((sum, each) => sum + each, 0);
    if (count === 0 && !isPrefix) {
      throw nothingThere('there was nothing to erase; `history KEY` lists the times of versions');
    }
    if (this.isJson) await this.printJson(count);
    const versions = count === 1 ? '1 version' : `${count} versions`;
    this.host.message(
      `note: erased ${versions}; the bytes leave the directory with compact --full, and backups are not reached`,
    );
  }
}

/** Of a key nothing may be there; of all that begin in some way, there may be none. */
function countOf(erased: readonly Record<string, unknown>[], isPrefix: boolean): number | null {
  const count = erased.reduce((sum, { erased: each }) => sum + Number(each), 0);
  return count === 0 && !isPrefix ? null : count;
}
