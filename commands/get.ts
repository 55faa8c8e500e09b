import * as Flags from '@oclif/core/flags';
import type { Version } from '../src/index.js';
import { codeOf, nothingThere, usageError } from '../src/cli/base/cli-error.js';
import { chosenVersion, type Choice } from '../src/cli/chosen-version.js';
import {
  keyArg,
  option,
  parseCount,
  snapshotFlag,
  textOption,
  timeAlone,
  timeArg,
} from '../src/cli/declarations.js';
import { parseMaxAge, parseMilliseconds } from '../src/cli/time/duration.js';
import { stdinOr } from '../src/cli/input/input.js';
import { fallbackJson, versionJson } from '../src/cli/display/shapes.js';
import type { StoreAccess } from '../src/cli/base/store-access.js';
import { StoreCommand } from '../src/cli/store-command.js';

export default class Get extends StoreCommand {
  static override summary = 'Print the value of a key as of a time.';
  static override description =
    'With --wait: as soon as there is a value; with a TIME in the future, at the first commit of a version up to then, or when that time has come. With --keys-from there is no KEY: keys are read from a file, a line each as `keys` writes them, and each is answered by one line, \\N where there is nothing (then the exit is 3).';
  static override examples = [
    '<%= config.bin %> get price',
    "<%= config.bin %> get price '2026-03-29T01:00'",
    '<%= config.bin %> get --raw logo.png -2h > logo.png',
    '<%= config.bin %> get price --back 1',
    '<%= config.bin %> get build +10m --wait --timeout 10m',
    '$ <%= config.bin %> keys user: | <%= config.bin %> get --keys-from - yesterday',
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
    wait: Flags.boolean({
      description: 'wait for a value; with TIME: for that time, or a version up to then',
      exclusive: ['latest', 'snapshot'],
    }),
    timeout: option(parseMilliseconds, {
      helpValue: 'DURATION',
      description: 'with --wait: for so long at most, then exit 5',
      dependsOn: ['wait'],
    }),
    'keys-from': textOption({
      helpValue: 'FILE',
      description: 'many keys, a line each, from a file or - for stdin',
      exclusive: ['raw', 'wait'],
      replacesKey: true,
    }),
    snapshot: snapshotFlag,
    'skip-bad': Flags.boolean({
      description: 'with --keys-from: leave bad lines out, and exit 2 at the end',
      dependsOn: ['keys-from'],
    }),
  };

  protected override readonly isPaged = true;

  override async run(): Promise<void> {
    const { args, flags } = this.readTokens(Get);
    const { 'keys-from': file } = flags;
    const time = file === undefined ? args.time : timeAlone(args, '--keys-from');
    if (flags.latest && time !== undefined) throw usageError('--latest takes no TIME');
    if (flags.raw && this.host.session !== undefined) {
      throw usageError('--raw has no end that a session could show; --json answers exact bytes');
    }
    if (flags.raw && this.isJson) throw usageError('--raw prints bytes; leave --json out');
    if (file !== undefined) return this.#answerAll(stdinOr(file, this.host), time, flags);
    return this.#answerOne(args.key, time, flags);
  }

  async #answerOne(key: string, time: string | undefined, flags: GetFlags): Promise<void> {
    try {
      const store = await this.storeToRead(flags.snapshot);
      const choice = await this.#choice(store, time, flags);
      const version = await (flags.wait
        ? this.#waitFor(store, key, choice, flags.timeout)
        : chosenVersion(store, key, choice));
      if (version !== undefined)
        return await this.#print(store, version, { at: choice.at, isRaw: flags.raw });
    } catch (error) {
      // Where there is no store there is no value.
      if (flags.default === undefined || codeOf(error) !== 'ERR_TIMEKV_NO_STORE') throw error;
    }
    if (flags.default !== undefined) return this.#printDefault(key, flags.default, flags.raw);
    throw nothingThere(`${JSON.stringify(key)} has no ${described(time, flags)}`);
  }

  async #waitFor(
    store: StoreAccess,
    key: string,
    choice: Choice,
    timeout: number | undefined,
  ): Promise<Version<Buffer> | undefined> {
    const { awaited } = await import('../src/cli/awaited.js');
    const { at } = choice;
    return awaited(store, { key, at, timeout, signal: this.host.signal }, () =>
      chosenVersion(store, key, choice),
    );
  }

  /** All as of one time. */
  async #answerAll(path: string, time: string | undefined, flags: GetFlags): Promise<void> {
    const store = await this.storeToRead(flags.snapshot);
    const now = store.now();
    const choice = await this.#choice(store, time, flags);
    if (!flags.latest) choice.at ??= now;
    const [{ answersTo, askedShape }, { SkippedRows }, fields, { sentAtOnce }] = await Promise.all([
      import('../src/cli/input/asked-keys.js'),
      import('../src/cli/input/skipped-rows.js'),
      import('../src/cli/input/fields.js'),
      import('../src/cli/watched.js'),
    ]);
    const skipped = new SkippedRows();
    let [bad, none] = [0, 0];
    const stop = new AbortController();
    const answers = answersTo(path, {
      read: (key) => chosenVersion(store, key, choice),
      fallback: flags.default,
      source: {
        input: this.host.input,
        signal: AbortSignal.any([this.host.signal, stop.signal]),
      },
      onNothing: () => (none += 1),
      onBadLine: (fault) => {
        if (!flags['skip-bad']) throw fields.refusalOf(fault);
        const message = fields.toldOf(fault);
        bad += 1;
        if (this.isJson) skipped.add(message);
        else this.host.message(message);
      },
    });
    const sent = sentAtOnce(answers, this.host.output, (error) => {
      stop.abort(error);
    });
    await this.printRows(askedShape(store.unit, choice.at ?? now), sent);
    if (bad > 0) throw usageError(skipped.summary(bad));
    if (none > 0)
      throw nothingThere(
        `${none} of the keys ${none === 1 ? 'has' : 'have'} no ${described(time, flags)}`,
      );
  }

  async #choice(store: StoreAccess, time: string | undefined, flags: GetFlags): Promise<Choice> {
    return {
      at: await this.time(store, time),
      latest: flags.latest,
      back: flags.back ?? 0,
      maxAge: parseMaxAge(flags['max-age'], store.unit),
    };
  }

  #printDefault(key: string, text: string, isRaw: boolean): Promise<void> {
    if (this.isJson) return this.printJson(fallbackJson(key, text));
    const value = Buffer.from(text);
    return isRaw ? this.printBytes(value) : this.printValue(value);
  }

  #print(
    store: StoreAccess,
    version: Version<Buffer>,
    { at, isRaw }: { at: number | undefined; isRaw: boolean },
  ): Promise<void> {
    // What is valid at the time that was asked for has not expired then.
    if (this.isJson) return this.printJson(versionJson(version, store.unit, at ?? store.now()));
    const value = version.value ?? Buffer.alloc(0);
    return isRaw ? this.printBytes(value) : this.printValue(value);
  }
}

interface GetFlags {
  raw: boolean;
  latest: boolean;
  back?: number | undefined;
  'max-age'?: string | undefined;
  default?: string | undefined;
  snapshot?: string | undefined;
  wait: boolean;
  timeout?: number | undefined;
  'skip-bad': boolean;
}

/** What was asked for, in words. */
function described(
  time: string | undefined,
  { latest, back = 0, 'max-age': maxAge }: GetFlags,
): string {
  const when = latest ? 'at any time' : `as of ${time ?? 'now'}`;
  const earlier = back === 0 ? '' : `, ${back} ${back === 1 ? 'version' : 'versions'} back`;
  const age = maxAge === undefined ? '' : `, at most ${maxAge} old`;
  return `value ${when}${earlier}${age}`;
}
