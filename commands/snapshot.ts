import * as Flags from '@oclif/core/flags';
import { usageError } from '../src/cli/base/cli-error.js';
import { textArg, textOption } from '../src/cli/declarations.js';
import { copiedLine, directoryFrom } from '../src/cli/display/copied.js';
import { snapshotShape } from '../src/cli/display/shapes.js';
import { StoreCommand } from '../src/cli/store-command.js';

export default class Snapshot extends StoreCommand {
  static override summary = 'Keep a view of this moment under a name.';
  static override description =
    'At next to no cost. Reads with --snapshot NAME answer from it, whatever is written, taken out or compacted later; only what is erased is gone from it too. Without NAME: a checkpoint, which writes the content of the log into a segment. With --export DIR: a backup of what is committed now, or of the snapshot NAME, as a store of its own that is only read; into the same directory again, only what is new. Erasing does not reach it.';
  static override examples = [
    '<%= config.bin %> snapshot before-migration',
    '<%= config.bin %> get price --snapshot before-migration',
    '<%= config.bin %> snapshot --list',
    '<%= config.bin %> snapshot --remove before-migration',
    '<%= config.bin %> snapshot',
    '<%= config.bin %> snapshot --export /backup/prices',
    '<%= config.bin %> snapshot --export /backup/before-migration before-migration',
  ];
  static override args = {
    name: textArg({ description: 'letters, digits, dots, hyphens and underscores' }),
  };
  static override flags = {
    list: Flags.boolean({
      description: 'list the snapshots that there are',
      exclusive: ['remove', 'export'],
    }),
    remove: textOption({
      helpValue: 'NAME',
      description: 'give up the snapshot of this name',
      exclusive: ['export'],
    }),
    export: textOption({ helpValue: 'DIR', description: 'make a backup in this directory' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = this.readTokens(Snapshot);
    const { name } = args;
    if (name !== undefined && (flags.list || flags.remove !== undefined)) {
      throw usageError(`${JSON.stringify(name)}: --list and --remove take no NAME`);
    }
    if (flags.list) return this.#list();
    if (flags.export !== undefined) return this.#export(flags.export, name);
    const store = await this.storeToMaintain();
    if (flags.remove === undefined) await store.snapshot(name);
    else await store.removeSnapshot(flags.remove);
    if (!this.isJson) return;
    const taken = (await store.snapshots()).find((each) => each.name === name);
    await this.printJson(taken === undefined ? null : snapshotShape(store.unit).json(taken));
  }

  async #export(dir: string, name: string | undefined): Promise<void> {
    const directory = directoryFrom(dir, '--export');
    const store = await this.storeToMaintain();
    const result = await store.backup(directory, name);
    if (this.isJson) await this.printJson(result);
    else await this.printLine(copiedLine(result));
  }

  async #list(): Promise<void> {
    const store = await this.storeToRead();
    await this.printRows(snapshotShape(store.unit), await store.snapshots());
  }
}
