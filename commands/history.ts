import * as Flags from '@oclif/core/flags';
import { nothingThere, usageError } from '../src/cli/base/cli-error.js';
import { keyArg, option, parseCount, snapshotFlag, textOption } from '../src/cli/declarations.js';
import { versionShape } from '../src/cli/display/shapes.js';
import { parseLength } from '../src/cli/time/duration.js';
import { given, type StoreAccess } from '../src/cli/base/store-access.js';
import { StoreCommand } from '../src/cli/store-command.js';

type BoundValues = Record<'from' | 'to' | 'last', string | undefined>;
type Bounds = Record<'from' | 'to', number | undefined>;

export default class History extends StoreCommand {
  static override summary = 'List the versions of a key, oldest first.';
  static override description = 'Values, tombstones and expired versions, those of the future too.';
  static override examples = [
    '<%= config.bin %> history price',
    "<%= config.bin %> history price --from yesterday --to '2026-03-29T01:00'",
    '<%= config.bin %> history price --reverse --limit 1 --json',
    '<%= config.bin %> history price --plot --last 7d',
  ];
  static override args = { key: keyArg };
  static override flags = {
    from: textOption({ helpValue: 'TIME', description: 'first time, included' }),
    to: textOption({ helpValue: 'TIME', description: 'last time, included' }),
    last: textOption({
      helpValue: 'DURATION',
      description: 'only what is at most so old; not with --from, --to',
      exclusive: ['from', 'to'],
    }),
    limit: option(parseCount, { helpValue: 'N', description: 'at most so many' }),
    reverse: Flags.boolean({ description: 'newest first' }),
    snapshot: snapshotFlag,
    plot: Flags.boolean({
      description: 'draw the numbers over time; peaks stay, however many there are',
      exclusive: ['limit', 'reverse', 'format', 'json'],
    }),
  };

  protected override readonly isPaged = true;

  override async run(): Promise<void> {
    const { args, flags } = this.readTokens(History);
    const store = await this.storeToRead(flags.snapshot);
    const { from, to } = await this.#bounds(store, flags);
    const options = given({ from, to, limit: flags.limit, reverse: flags.reverse });
    // That there is no history at all has to be known before the first word of an answer.
    if ((await this.count(store.history(args.key, { limit: 1 }))) === 0) {
      throw nothingThere(`${JSON.stringify(args.key)} has no history`);
    }
    if (flags.plot) return this.#draw(store, args.key, { from, to });
    const shape = versionShape(store.unit, store.now());
    await this.printRows(shape, store.history(args.key, options));
  }

  async #draw(store: StoreAccess, key: string, bounds: Bounds): Promise<void> {
    const { session } = this.host;
    if (session?.isLineByLine === true || this.isJson) {
      throw usageError('--plot draws several lines for people, and this is answered for programs');
    }
    const { drawHistory } = await import('../src/cli/display/drawn-history.js');
    const { lines, others } = await drawHistory(store, key, bounds, {
      look: this.look,
      isPlain: this.host.environment['TERM'] === 'dumb',
      pause: (count) => this.pause(count),
    });
    for (const line of lines) await this.printLine(line);
    if (others > 0) this.host.message(`note: values that are no numbers and left out: ${others}`);
  }

  async #bounds(store: StoreAccess, { from, to, last }: BoundValues): Promise<Bounds> {
    if (last === undefined) {
      return { from: await this.time(store, from), to: await this.time(store, to) };
    }
    const now = store.now();
    return { from: now - parseLength(last, store.unit), to: now };
  }
}
