import { usageError } from '../src/cli/base/cli-error.js';
import { StoreCommand } from '../src/cli/store-command.js';

export default class Browse extends StoreCommand {
  static override summary = 'Pick a key by typing, see its timeline, step through its versions.';
  static override description =
    'For people at a terminal. What is typed narrows the list of keys down; Enter shows the timeline of one, with a drawing where its values are numbers; the arrow keys step to older and newer versions; Esc goes back, and leaves.';
  static override examples = [
    '<%= config.bin %> browse',
    '<%= config.bin %> browse --dir ./prices',
    'NO_COLOR=1 <%= config.bin %> browse',
  ];

  override async run(): Promise<void> {
    this.readTokens(Browse);
    const { host } = this;
    if (host.session?.isLineByLine === true) {
      throw usageError('browse is no command of a batch; run timekv browse');
    }
    if (this.chosenFormat !== undefined) throw usageError('browse shows a screen, in no format');
    if (!host.hasTerminalInput || !host.isTerminal) {
      throw usageError('browse needs a terminal; elsewhere use keys, history and get');
    }
    if (host.environment['TERM'] === 'dumb') {
      throw usageError(
        'browse needs a terminal that can be drawn on, and TERM is dumb; use history',
      );
    }
    const store = await this.storeToRead();
    const { browse } = await import('../src/cli/browse/browsing.js');
    await browse(store, host, this.look);
  }
}
