import * as Flags from '@oclif/core/flags';
import { formatByteSize } from '../src/cli/base/byte-size.js';
import { Progress } from '../src/cli/base/progress.js';
import { choiceOption } from '../src/cli/declarations.js';
import { StoreCommand } from '../src/cli/store-command.js';

export default class Compact extends StoreCommand {
  static override summary = 'Merge segments. Nothing that a read could ask for is dropped.';
  static override description =
    'Blocks of what is merged are deflated where that leaves at most 0.8 of them, if --memory is at least 32 MiB. `--compress off` does without: then reading them takes less time, and they take more space.';
  static override examples = [
    '<%= config.bin %> compact',
    '<%= config.bin %> compact --full',
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
  };

  override async run(): Promise<void> {
    const { flags } = this.readTokens(Compact);
    const store = await this.storeToMaintain();
    let share = 0;
    const progress = new Progress(this.host, 'versions', () => share);
    const onProgress = (merged: number, of: number): void => {
      share = merged / of;
      progress.show(merged);
    };
    const { full, compress = 'auto' } = flags;
    const result = await store.compact({ full, compress, onProgress }).finally(() => {
      progress.clear();
    });
    if (this.isJson) return this.printJson(result);
    const { segmentsBefore, segmentsAfter, bytesBefore, bytesAfter } = result;
    await this.printLine(
      `segments: ${segmentsBefore} before, ${segmentsAfter} now; with the log: ${formatByteSize(bytesBefore)} before, ${formatByteSize(bytesAfter)} now; gave back ${formatByteSize(Math.max(0, bytesBefore - bytesAfter))}`,
    );
  }
}
