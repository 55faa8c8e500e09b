import { given } from '../src/cli/base/store-access.js';
import { textArg } from '../src/cli/declarations.js';
import { copiedLine, directoryFrom, restored } from '../src/cli/display/copied.js';
import { StoreCommand } from '../src/cli/store-command.js';

export default class Restore extends StoreCommand {
  static override summary = 'Make a store of a backup.';
  static override description =
    'The store goes on where the backup ends, and has an identity of its own. The backup, which `snapshot --export` has made, stays as it is; the two share their files where one file system has both.';
  static override examples = [
    '<%= config.bin %> restore /backup/prices ./prices',
    '<%= config.bin %> restore /backup/prices ./prices --json',
    '<%= config.bin %> snapshot --export /backup/prices && <%= config.bin %> restore /backup/prices ./copy',
  ];
  static override args = {
    from: textArg({ required: true, description: 'the directory of the backup' }),
    dir: textArg({ required: true, description: 'of the new store: empty, or not there yet' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = this.readTokens(Restore);
    const from = directoryFrom(args.from, 'FROM');
    const dir = directoryFrom(args.dir, 'DIR');
    const allowRemote = flags['allow-remote'] ? true : undefined;
    const options = given({ busyTimeout: flags['busy-timeout'], allowRemote });
    const result = await restored(from, dir, options);
    if (this.isJson) await this.printJson(result);
    else await this.printLine(copiedLine(result));
  }
}
