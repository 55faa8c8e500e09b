import { Progress } from '../src/cli/progress.js';
import { damageShape } from '../src/cli/shapes.js';
import { StoreCommand } from '../src/cli/store-command.js';
import { damageFound, tellOfVerify } from '../src/cli/verified.js';

export default class Verify extends StoreCommand {
  static override summary = 'Check everything on disk, and name each damage.';
  static override description =
    'Checks every checksum and invariant, while others read and write, and changes nothing. Each damage is a row: the file, the offset in it, what is wrong, and what cannot be read because of it. Exits with 6 if there is any.';
  static override examples = ['<%= config.bin %> verify', '<%= config.bin %> verify --json'];

  override async run(): Promise<void> {
    await this.parse(Verify);
    const progress = new Progress(this.host, 'files');
    const report = await this.verifyStore((files) => {
      progress.show(files);
    }).finally(() => {
      progress.clear();
    });
    if (this.isJson) {
      await this.printJson(report);
    } else {
      await this.printRows(damageShape, report.damages);
      tellOfVerify(report, this.host);
    }
    if (report.damages.length > 0) throw damageFound(report);
  }
}
