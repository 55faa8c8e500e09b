import type { Version } from '../src/index.js';
import { option, parseCount } from '../src/cli/declarations.js';
import { versionShape } from '../src/cli/display/shapes.js';
import type { StoreAccess } from '../src/cli/base/store-access.js';
import { StoreCommand } from '../src/cli/store-command.js';

/** So many are taken out at a time, and shown before the next ones are. */
const atOnce = 256;

export default class Expire extends StoreCommand {
  static override summary = 'Take out versions that have expired, and print each.';
  static override description =
    'In the order of expiry. Their values go; that they were there, and when, stays, so that nothing older shows through. Reads as of times at which they were valid are refused from then on.';
  static override examples = [
    '<%= config.bin %> expire',
    '<%= config.bin %> expire --limit 1000 --format ndjson',
    '<%= config.bin %> expire --json --dir ./sessions',
  ];
  static override flags = {
    limit: option(parseCount, { helpValue: 'N', description: 'at most so many' }),
  };

  override async run(): Promise<void> {
    const { flags } = this.readTokens(Expire);
    const store = await this.storeToMaintain();
    const shape = versionShape(store.unit, store.now());
    await this.printPieces(shape, this.#takenOut(store, flags.limit ?? Infinity));
  }

  async *#takenOut(store: StoreAccess, limit: number): AsyncGenerator<Version<Buffer>[]> {
    for (let left = limit; left > 0;) {
      const taken = await store.expire({ limit: Math.min(left, atOnce) });
      if (taken.length === 0) return;
      left -= taken.length;
      yield taken;
    }
  }
}
