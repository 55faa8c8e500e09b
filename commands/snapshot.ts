import * as Flags from '@oclif/core/flags';
import { usageError } from '../src/cli/base/cli-error.js';
import { textArg, textOption } from '../src/cli/declarations.js';
import { snapshotShape } from '../src/cli/display/shapes.js';
import { StoreCommand } from '../src/cli/store-command.js';

export default class Snapshot extends StoreCommand {
  static override summary = 'Keep a view of this moment under a name.';
  static override description =
    'At next to no cost. Reads with --snapshot NAME answer from it, whatever is written, taken out or compacted later; only what is erased is gone from it too. Without NAME: a checkpoint, which writes the content of the log into a segment.';
  static override examples = [
    '<%= config.bin %> snapshot before-migration',
    '<%= config.bin %> get price --snapshot before-migration',
    '<%= config.bin %> snapshot --list',
    '<%= config.bin %> snapshot --remove before-migration',
    '<%= config.bin %> snapshot',
  ];
  static override args = {
    name: textArg({ description: 'letters, digits, dots, hyphens and underscores' }),
  };
  static override flags = {
    list: Flags.boolean({
      description: 'list the snapshots that there are',
      exclusive: ['remove'],
    }),
    remove: textOption({ helpValue: 'NAME', description: 'give up the snapshot of this name' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = this.readTokens(Snapshot);
    const { name } = args;
    if (name !== undefined && (flags.list || flags.remove !== undefined)) {
      throw usageError(`${JSON.stringify(name)}: --list and --remove take no NAME`);
    }
    if (flags.list) return this.#list();
    const store = await this.storeToMaintain();
    if (flags.remove === undefined) await store.snapshot(name);
    else await store.removeSnapshot(flags.remove);
    if (!this.isJson) return;
    const taken = (await store.snapshots()).find((each) => each.name === name);
    await this.printJson(taken === undefined ? null : snapshotShape(store.unit).json(taken));
  }

  async #list(): Promise<void> {
    const store = await this.storeToRead();
    await this.printRows(snapshotShape(store.unit), await store.snapshots());
  }
}
