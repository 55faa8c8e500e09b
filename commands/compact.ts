import * as Flags from '@oclif/core/flags';
import type { CompactOptions, CompactResult, KeepOptions } from '../src/index.js';
import { formatByteSize } from '../src/cli/base/byte-size.js';
import { CliError } from '../src/cli/base/cli-error.js';
import { requireConsent } from '../src/cli/base/consent.js';
import { Progress } from '../src/cli/base/progress.js';
import type { StoreAccess } from '../src/cli/base/store-access.js';
import { choiceOption } from '../src/cli/declarations.js';
import { keepFlags, letGoText, policyFrom } from '../src/cli/kept.js';
import { StoreCommand } from '../src/cli/store-command.js';

export default class Compact extends StoreCommand {
  static override summary = 'Merge segments, and apply the stored retention.';
  static override description =
    'Nothing that a read could ask for is dropped, but for what --keep-for and --keep-versions, or else the stored policy (see `retention`), let go. With these options it shows first what goes, and asks on a terminal; elsewhere it needs --yes. Blocks of what is merged are deflated where that leaves at most 0.8 of them, if --memory is at least 32 MiB. `--compress off` does without: then reading them takes less time, and they take more space.';
  static override examples = [
    '<%= config.bin %> compact',
    '<%= config.bin %> compact --full',
    '<%= config.bin %> compact --keep-versions 10 --dry-run',
    '<%= config.bin %> compact --keep-for 90d --yes',
    '<%= config.bin %> compact --full --compress off',
    '<%= config.bin %> compact --full --json',
  ];
  static override flags = {
    full: Flags.boolean({
      description: 'flush the log, merge everything into one segment, and keep no log for `watch`',
    }),
    compress: choiceOption('compress', ['auto', 'off'], {
      description: 'deflate blocks where that pays (the default), or none',
    }),
    ...keepFlags,
    'dry-run': Flags.boolean({ description: 'tell what would be let go, and do nothing' }),
    yes: Flags.boolean({ description: 'let it go without asking' }),
  };

  override async run(): Promise<void> {
    const { flags } = this.readTokens(Compact);
    const { full, compress = 'auto', 'dry-run': dryRun, yes: hasYes } = flags;
    const store = await this.storeToMaintain();
    const policy = policyFrom(flags, store.unit);
    if (dryRun) return this.#tell(await store.compact({ ...policy, dryRun }));
    if (policy !== undefined) await this.#requireConsent(store, policy, hasYes);
    const result = await this.#compact(store, { full, compress, ...policy });
    if (this.isJson) return this.printJson(result);
    const { segmentsBefore, segmentsAfter, bytesBefore, bytesAfter, letGo } = result;
    const gone = letGo.versions === 0 ? '' : `; let go of ${letGoText(letGo)}`;
    await this.printLine(
      `segments: ${segmentsBefore} before, ${segmentsAfter} now; with the log: ${formatByteSize(bytesBefore)} before, ${formatByteSize(bytesAfter)} now; gave back ${formatByteSize(Math.max(0, bytesBefore - bytesAfter))}${gone}`,
    );
  }

  async #tell(result: CompactResult): Promise<void> {
    if (this.isJson) await this.printJson(result);
    else await this.printLine(`would let go of ${letGoText(result.letGo)}`);
  }

  /** Shows what goes, where somebody is there to see it. */
  async #requireConsent(store: StoreAccess, policy: KeepOptions, hasYes: boolean): Promise<void> {
    const isAsked = !hasYes && this.host.hasTerminalInput;
    const what = isAsked ? letGoText((await store.compact({ ...policy, dryRun: true })).letGo) : '';
    const refused = new CliError('ERR_TIMEKV_CONFLICT', 'nothing was let go');
    await requireConsent(this.host, { what: `Let go of ${what}`, hasYes }, refused);
  }

  async #compact(store: StoreAccess, options: CompactOptions): Promise<CompactResult> {
    let share = 0;
    const progress = new Progress(this.host, 'versions', () => share);
    const onProgress = (merged: number, of: number): void => {
      share = merged / of;
      progress.show(merged);
    };
    return store.compact({ ...options, onProgress }).finally(() => {
      progress.clear();
    });
  }
}
