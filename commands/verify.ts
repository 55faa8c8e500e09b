import * as Flags from '@oclif/core/flags';
import { CliError, usageError } from '../src/cli/base/cli-error.js';
import { requireConsent } from '../src/cli/base/consent.js';
import { Progress } from '../src/cli/base/progress.js';
import { damageShape } from '../src/cli/display/shapes.js';
import { StoreCommand } from '../src/cli/store-command.js';
import {
  damageFound,
  tellInFull,
  tellOfLosses,
  tellOfVerify,
} from '../src/cli/display/verified.js';

export default class Verify extends StoreCommand {
  static override summary = 'Check everything on disk, and name each damage.';
  static override description =
    'Checks every checksum and invariant, while others read and write, and changes nothing. Each damage is a row: the file, the offset in it, what is wrong, and what cannot be read because of it. Exits with 6 if there is any. With --quarantine it then goes on without what is lost: what can be read of a damaged file is written anew, and the file is put aside in the directory `quarantine` of the store.';
  static override examples = [
    '<%= config.bin %> verify',
    '<%= config.bin %> verify --json',
    '<%= config.bin %> verify --quarantine --yes',
  ];
  static override flags = {
    quarantine: Flags.boolean({ description: 'give up what is damaged, after listing it' }),
    yes: Flags.boolean({ description: 'do so without asking', dependsOn: ['quarantine'] }),
  };

  override async run(): Promise<void> {
    const { flags } = this.readTokens(Verify);
    const isQuarantine = flags.quarantine;
    if (isQuarantine && this.host.session !== undefined) {
      throw usageError('verify --quarantine is no command of a session; leave it and run it alone');
    }
    const report = await this.#check();
    if (!this.isJson) {
      await this.printRows(damageShape, report.damages);
      tellOfVerify(report, this.host);
    }
    if (!isQuarantine || report.damages.length === 0) {
      if (this.isJson) await this.printJson(report);
      if (report.damages.length > 0) throw damageFound(report);
      return;
    }
    await this.host.output.flush();
    // A table has cut short what is to be agreed to.
    if (this.look.format === 'table') tellInFull(report, this.host);
    const asked = { what: 'Go on without what is lost', hasYes: flags.yes };
    const refused = new CliError('ERR_TIMEKV_DAMAGED', 'nothing was put aside');
    await requireConsent(this.host, asked, refused);
    const accepted = await this.putAside(report);
    // What could not be put aside is damaged still, and has to be told.
    const after = await this.#check();
    if (this.isJson) await this.printJson({ ...after, given: report.damages, accepted });
    else tellOfLosses(accepted, this.host);
    if (after.damages.length === 0) return;
    if (!this.isJson) await this.printRows(damageShape, after.damages);
    throw damageFound(after);
  }

  #check() {
    const progress = new Progress(this.host, 'files');
    return this.verifyStore((files) => {
      progress.show(files);
    }).finally(() => {
      progress.clear();
    });
  }
}
