import * as Flags from '@oclif/core/flags';
import type { Version } from '../src/index.js';
import { codeOf, nothingThere, usageError } from '../src/cli/cli-error.js';
import { chosenVersion } from '../src/cli/chosen-version.js';
import { keyArg, option, parseCount, textOption, timeArg } from '../src/cli/declarations.js';
import { parseMaxAge } from '../src/cli/duration.js';
import type { StoreAccess } from '../src/cli/store-access.js';
import { StoreCommand } from '../src/cli/store-command.js';

export default class Get extends StoreCommand {
  static override summary = 'Print the value of a key as of a time.';
  static override examples = [
    '<%= config.bin %> get price',
    "<%= config.bin %> get price '2026-03-29T01:00'",
    '<%= config.bin %> get --raw logo.png -2h > logo.png',
    '<%= config.bin %> get price --back 1',
  ];
  static override args = { key: keyArg, time: timeArg };
  static override flags = {
    raw: Flags.boolean({
      char: 'n',
      description: 'the bytes of the value and nothing else (on a terminal: escaped)',
    }),
    latest: Flags.boolean({ description: 'the newest version, also one of the future' }),
    back: option(parseCount, {
      helpValue: 'N',
      description: 'the version N before that one; tombstones count',
    }),
    'max-age': textOption({
      helpValue: 'DURATION',
      description: 'only a version at most so old, as of the time of the read',
    }),
    default: textOption({ helpValue: 'VALUE', description: 'what to print where there is none' }),
  };

  protected override readonly isPaged = true;

  override async run(): Promise<void> {
    const { args, flags } = this.readTokens(Get);
    if (flags.latest && args.time !== undefined) throw usageError('--latest takes no TIME');
    if (flags.raw && this.host.session !== undefined) {
      throw usageError('--raw has no end that a session could show; --json answers exact bytes');
    }
    if (flags.raw && this.isJson) throw usageError('--raw prints bytes; leave --json out');
    try {
      const store = await this.storeToRead();
      const version = await chosenVersion(store, args.key, {
        at: await this.time(store, args.time),
        latest: flags.latest,
        back: flags.back ?? 0,
        maxAge: parseMaxAge(flags['max-age'], store.unit),
      });
      if (version !== undefined) return await this.#print(store, version, flags.raw);
    } catch (error) {
      // Where there is no store there is no value.
      if (flags.default === undefined || codeOf(error) !== 'ERR_TIMEKV_NO_STORE') throw error;
    }
    if (flags.default !== undefined) {
      return this.#printDefault(args.key, flags.default, flags.raw);
    }
    throw nothingThere(`${JSON.stringify(args.key)} has no ${described(args.time, flags)}`);
  }

  #printDefault(key: string, text: string, isRaw: boolean): Promise<void> {
    if (this.isJson) return this.printJson(fallback(key, text));
    const value = Buffer.from(text);
    return isRaw ? this.printBytes(value) : this.printValue(value);
  }

  #print(store: StoreAccess, version: Version<Buffer>, isRaw: boolean): Promise<void> {
    if (this.isJson) return this.printVersion(store, version);
    const value = version.value ?? Buffer.alloc(0);
    return isRaw ? this.printBytes(value) : this.printValue(value);
  }
}

/** What was asked for, in words. */
function described(
  time: string | undefined,
  {
    latest,
    back = 0,
    'max-age': maxAge,
  }: { latest: boolean; back?: number | undefined; 'max-age'?: string | undefined },
): string {
  const when = latest ? 'at any time' : `as of ${time ?? 'now'}`;
  const earlier = back === 0 ? '' : `, ${back} ${back === 1 ? 'version' : 'versions'} back`;
  const age = maxAge === undefined ? '' : `, at most ${maxAge} old`;
  return `value ${when}${earlier}${age}`;
}

/** A version that is none: only its key and its value are known. */
function fallback(key: string, value: string): Record<string, unknown> {
  return { key, timestamp: null, time: null, value, seq: null, state: null };
}
