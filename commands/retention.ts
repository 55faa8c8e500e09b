import { usageError } from '../src/cli/base/cli-error.js';
import { textArg } from '../src/cli/declarations.js';
import { factShape, factsOf } from '../src/cli/display/shapes.js';
import { keepFlags, policyFrom } from '../src/cli/kept.js';
import { StoreCommand } from '../src/cli/store-command.js';

const actions = ['show', 'set', 'clear'];

export default class Retention extends StoreCommand {
  static override summary = 'Show or change what compactions may let go of.';
  static override description =
    'The stored policy. Compactions apply it, also those that come by themselves; until one does, everything stays. --keep-for alone moves the horizon: as of times before that nothing can be read or written. --keep-versions marks each key that loses something where its history begins now; with both, what either of them keeps stays. The newest version before the horizon always stays. What was let go does not come back; `compact --dry-run` tells beforehand what that would be.';
  static override examples = [
    '<%= config.bin %> retention set --keep-for 90d',
    '<%= config.bin %> retention set --keep-versions 10 --keep-for 30d',
    '<%= config.bin %> retention',
    '<%= config.bin %> retention clear',
  ];
  static override args = {
    action: textArg({ description: 'show (the default), set or clear' }),
  };
  static override flags = keepFlags;

  override async run(): Promise<void> {
    const { args, flags } = this.readTokens(Retention);
    const { action = 'show' } = args;
    if (!actions.includes(action)) {
      throw usageError(`${JSON.stringify(action)} is none of show, set and clear`);
    }
    const isSet = action === 'set';
    const hasPolicy = flags['keep-for'] !== undefined || flags['keep-versions'] !== undefined;
    if (isSet !== hasPolicy) {
      throw usageError(
        isSet
          ? 'retention set needs --keep-for, --keep-versions, or both'
          : '--keep-for and --keep-versions belong to retention set',
      );
    }
    const isShown = action === 'show';
    const store = await (isShown ? this.storeToRead() : this.storeToMaintain());
    if (!isShown) await store.setRetention(policyFrom(flags, store.unit));
    if (!isShown && !this.isJson) return;
    const retention = await store.retention();
    if (this.isJson) return this.printJson(retention);
    await this.printRows(factShape, factsOf(retention));
  }
}
