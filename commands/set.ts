import { usageError } from '../src/cli/base/cli-error.js';
import * as declare from '../src/cli/declarations.js';
import { given } from '../src/cli/base/store-access.js';
import { StoreCommand } from '../src/cli/store-command.js';
import { parseTtl } from '../src/cli/time/duration.js';
import { readValue, sortWords } from '../src/cli/value-source.js';

export default class Set extends StoreCommand {
  static override summary = 'Write a version of a key.';
  static override description =
    'Without TIME the version is as of now. With --file there is no VALUE, and TIME moves up.';
  static override examples = [
    '<%= config.bin %> set price 9.95',
    "<%= config.bin %> set price 8.50 '2026-03-29T01:00'",
    '<%= config.bin %> set session:42 open --ttl 30m',
    '$ curl -s https://example.org/logo.png | <%= config.bin %> set logo.png -',
  ];
  static override args = {
    key: declare.keyArg,
    value: declare.valueArg({ description: 'the value; - reads stdin (for a hyphen: -- -)' }),
    time: declare.timeArg,
  };
  static override flags = {
    file: declare.textOption({ helpValue: 'PATH', description: 'read the value from a file' }),
    ttl: declare.textOption({
      helpValue: 'D',
      description: 'how long the value is valid, from its time on: 30m, 7d',
    }),
    'expires-at': declare.textOption({
      helpValue: 'T',
      description: 'until when the value is valid; from then on there is none',
    }),
    'on-conflict': declare.choiceOption('on-conflict', ['replace', 'fail', 'bump'], {
      description: 'where the time is taken: replace, refuse, or use the next free time',
    }),
    'max-bump': declare.option(declare.parseCount, {
      helpValue: 'N',
      description: 'how much later bump may write (default 1000)',
    }),
    'if-seq': declare.option(declare.parseSeq, {
      helpValue: 'SEQ|none',
      description: 'write only if a read as of then would answer from this seq',
    }),
  };

  override async run(): Promise<void> {
    const { args, flags } = this.readTokens(Set);
    const { 'on-conflict': onConflict, 'max-bump': maxBump, 'if-seq': ifSeq } = flags;
    if (maxBump !== undefined && onConflict !== 'bump') {
      throw usageError('--max-bump belongs to --on-conflict bump');
    }
    if (flags.ttl !== undefined && flags['expires-at'] !== undefined) {
      throw usageError('--ttl and --expires-at exclude each other; give one of them');
    }
    const words = sortWords({ value: args.value, time: args.time, file: flags.file });
    const value = await readValue(words, this.host);
    const store = await this.storeToWrite();
    const at = await this.timeToWrite(store, words.time);
    const expiresAt = await this.time(store, flags['expires-at']);
    const ttl = parseTtl(flags.ttl, store.unit);
    const options = given({ at, ttl, expiresAt, onConflict, maxBump, ifSeq });
    await this.write(store, { type: 'set', key: args.key, value, ...options });
  }
}
