import { resolve } from 'node:path';
import { usageError } from '../src/cli/base/cli-error.js';
import { choiceOption, textArg } from '../src/cli/declarations.js';
import { StoreCommand } from '../src/cli/store-command.js';

export default class Init extends StoreCommand {
  static override summary = 'Create a store.';
  static override description =
    'Writes create a store too, in microseconds. Where there is one already nothing happens, but that another --unit than its own is refused.';
  static override examples = [
    '<%= config.bin %> init',
    '<%= config.bin %> init ./prices',
    '<%= config.bin %> init ./generations --unit tick',
  ];
  static override args = {
    dir: textArg({ description: 'its directory; default as for every command' }),
  };
  static override flags = {
    unit: choiceOption('unit', ['us', 'tick'], {
      description:
        'what timestamps count: microseconds since 1970 (default), or nothing in particular',
    }),
  };

  override async run(): Promise<void> {
    const { args, flags } = this.readTokens(Init);
    if (args.dir !== undefined && flags.dir !== undefined) {
      throw usageError('name the directory once: as DIR or with --dir');
    }
    if (args.dir === '') throw usageError('DIR is empty');
    const dir = args.dir === undefined ? this.directory : resolve(args.dir);
    const unit = await this.createStore(dir, flags.unit);
    if (this.isJson) await this.printJson({ dir, unit });
  }
}
