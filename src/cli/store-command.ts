/** What all commands have in common: their options, the store, times, and answers. */
import { Command } from '@oclif/core/command';
import type { Config } from '@oclif/core/config';
import type { Input } from '@oclif/core/parser';
import type {
  Loss,
  OpenOptions,
  Operation,
  ScanOptions,
  Store,
  Unit,
  VerifyOptions,
  VerifyReport,
} from '../index.js';
import { parseTokens, type Parsed } from './arguments.js';
import { pinned } from './as-of-store.js';
import { tsvCell } from './display/cells.js';
import { isEnding, nothingThere, usageError } from './base/cli-error.js';
import { isColoured } from './display/colours.js';
import { commonFlags, processOnly } from './declarations.js';
import { jsonText, rowWriter } from './display/formats.js';
import type { Format, Look, RowWriter } from './base/look.js';
import type { Host, WriteAnswer } from './base/host.js';
import { ownErrorsOf } from './base/output.js';
import type { Shape } from './display/shapes.js';
import { paged } from './display/paged.js';
import { given, piecesOf, type Rows, type StoreAccess } from './base/store-access.js';
import { storeDirectory } from './base/store-directory.js';
import { readable, visible, visibleLines } from './base/terminal-text.js';
import { parseTime, type TimeContext } from './time/time-expression.js';
import { timeContext } from './time/time-context.js';
import type { Token } from './tokens.js';
import { writtenJson } from './display/written.js';
import { magnitudeNote } from './display/magnitude-note.js';

// Loading oclif's Command set a listener that throws where stdout fails.
ownErrorsOf(process.stdout);

/** What the options that every command understands were set to. */
type CommonValues = { [K in keyof typeof commonFlags]?: unknown } & {
  dir?: string | undefined;
  memory?: number | undefined;
  durability?: 'full' | 'process' | undefined;
  'busy-timeout'?: number | undefined;
  tz?: string | undefined;
  format?: Format | undefined;
};

/** What `rangeFlags` were set to. */
interface RangeValues {
  at: string | undefined;
  start: string | undefined;
  end: string | undefined;
  limit: number | undefined;
  reverse: boolean;
}

/** Rows that one line of a session may answer as JSON. */
const sessionRowsMax = 10_000;
/** Rows after which signals are given a chance to arrive. */
const rowsPerTurn = 512;
/** What oclif would log is of no use here. */
const unheard = (): void => undefined;

export abstract class StoreCommand extends Command {
  static override baseFlags = commonFlags;
  /** Arguments that are one of a few words. */
  static choices: Readonly<Record<string, readonly string[]>> = {};

  #host: Host | undefined;
  #tokens: readonly Token[] = [];
  #common: CommonValues = {};
  #hasLimit = false;
  #opened: StoreAccess | undefined;

  constructor(argv: string[], config: Config) {
    super(argv, config);
    // oclif makes a logger for each command, of which a batch may keep many.
    this.debug = unheard;
  }

  /** Its answer is for reading, may be long, and asks nothing: on a terminal it is paged. */
  protected readonly isPaged: boolean = false;

  /** Runs the command with these tokens. Whatever it opened is closed at the end. */
  start(host: Host, tokens: readonly Token[]): Promise<void> {
    const start = (its: Host): Promise<void> => this.#start(its, tokens);
    return this.isPaged ? paged(host, start) : start(host);
  }

  async #start(host: Host, tokens: readonly Token[]): Promise<void> {
    this.#host = host;
    this.#tokens = tokens;
    try {
      await this.run();
    } catch (error) {
      // The first fault is the one to tell of. What was answered before it is still an answer.
      await this.#opened?.close().catch(() => undefined);
      if (!isEnding(error)) await host.output.flush().catch(() => undefined);
      throw error;
    }
    await this.#opened?.close();
    // In a session others may have more to write: whoever holds it knows when nothing comes.
    if (host.session === undefined) await host.output.flush();
  }

  /** Reads the tokens by the declarations of the command's class. */
  protected readTokens<
    F extends Record<string, unknown>,
    B extends Record<string, unknown>,
    A extends Record<string, unknown>,
  >(declared: Input<F, B, A>): Parsed<F & B, A> {
    const output = parseTokens(this.id ?? '', this.#tokens, declared);
    this.#common = output.flags;
    this.#hasLimit = Object.hasOwn(declared.flags ?? {}, 'limit');
    const { session } = this.host;
    const misplaced =
      session && processOnly.find((name) => (this.#common[name] ?? false) !== false);
    if (misplaced !== undefined) {
      throw usageError(`--${misplaced} belongs to the session as a whole, not to one of its lines`);
    }
    if (this.#answersJsonLine && this.#common.format !== undefined) {
      throw usageError('--format cannot be set where every answer is one JSON line');
    }
    return output;
  }

  protected get host(): Host {
    if (this.#host === undefined) throw new Error('a command is run by start()');
    return this.#host;
  }

  protected get directory(): string {
    return storeDirectory(this.#common.dir, this.host.environment);
  }

  get #openOptions(): OpenOptions {
    return given({
      memory: this.#common.memory,
      durability: this.#common.durability,
      busyTimeout: this.#common['busy-timeout'],
      allowRemote: this.#common['allow-remote'] === true ? true : undefined,
    });
  }

  /** The store, or a snapshot of it, for reads: it has to exist, and nothing in it changes. */
  protected async storeToRead(snapshot?: string): Promise<StoreAccess> {
    const { session } = this.host;
    if (session === undefined || snapshot === undefined) {
      return this.#open({ create: false, readOnly: true, ...given({ snapshot }) });
    }
    if (session.asOf !== undefined) throw pinned(session.asOf);
    this.#opened = await session.store.atSnapshot(snapshot);
    return this.#opened;
  }

  /** The store, for work on what is there already. */
  protected storeToMaintain(): Promise<StoreAccess> {
    return this.#open({ create: false });
  }

  /** The store, for writes: the first one creates it. */
  protected storeToWrite(): Promise<StoreAccess> {
    return this.#open({});
  }

  /** The store for a server, in a process of its own: the reads of one turn look once for new commits. */
  protected ownStore(isReadOnly: boolean): Promise<Store<Buffer>> {
    const access = isReadOnly ? { create: false, readOnly: true } : {};
    return this.#openIn(this.directory, { ...access, looks: 'turn' });
  }

  /** Makes an empty store, or finds that there is one of this unit; answers its unit. */
  protected async createStore(directory: string, unit: Unit | undefined): Promise<Unit> {
    const { create } = await import('../index.js');
    await create(directory, { ...this.#openOptions, ...given({ unit }) });
    return (await this.#openIn(directory, { readOnly: true })).unit;
  }

  /** Checks the store, which may be one that cannot be opened any more. */
  protected async verifyStore(onProgress: (files: number) => void): Promise<VerifyReport> {
    const { session } = this.host;
    if (session !== undefined) return session.store.verify();
    const { verify } = await import('../index.js');
    return verify(this.directory, { ...this.#verifyOptions, onProgress });
  }

  /** Goes on without what the report names; answers what was lost. */
  protected async putAside(report: VerifyReport): Promise<Loss[]> {
    const { quarantine } = await import('../index.js');
    return quarantine(this.directory, report, this.#verifyOptions);
  }

  get #verifyOptions(): VerifyOptions {
    const { busyTimeout, allowRemote } = this.#openOptions;
    return given({ busyTimeout, allowRemote });
  }

  async #open(access: OpenOptions): Promise<StoreAccess> {
    const { session } = this.host;
    if (session === undefined) return this.#openIn(this.directory, access);
    if (session.asOf !== undefined && access.readOnly !== true) throw pinned(session.asOf);
    return session.store;
  }

  async #openIn(directory: string, access: OpenOptions): Promise<Store<Buffer>> {
    const { open } = await import('../index.js');
    const store = await open(directory, { ...this.#openOptions, ...access, codec: 'bytes' });
    this.#opened = store;
    return store;
  }

  protected timeContext(store: StoreAccess): TimeContext {
    const { environment, session } = this.host;
    return timeContext(store, this.#common.tz ?? session?.zone, environment);
  }

  /** A time that was written, or undefined where none was. */
  protected async time(store: StoreAccess, text: string): Promise<number>;
  protected async time(store: StoreAccess, text: string | undefined): Promise<number | undefined>;
  protected async time(store: StoreAccess, text: string | undefined): Promise<number | undefined> {
    return text === undefined ? undefined : await parseTime(text, this.timeContext(store));
  }

  /** The same for a write: where an integer looks like another unit, people are told. */
  protected async timeToWrite(
    store: StoreAccess,
    text: string | undefined,
  ): Promise<number | undefined> {
    const time = await this.time(store, text);
    if (text !== undefined && store.unit === 'us' && this.host.hasTerminalMessages) {
      const note = magnitudeNote(text, store.now());
      if (note !== undefined) this.host.message(`note: ${note}`);
    }
    return time;
  }

  /** The range of keys that was asked for. */
  protected async range(
    store: StoreAccess,
    prefix: string | undefined,
    flags: RangeValues,
  ): Promise<ScanOptions> {
    const { start, end, limit } = flags;
    const at = await this.time(store, flags.at);
    const reverse = flags.reverse ? true : undefined;
    return given({ prefix, start, end, at, limit, reverse });
  }

  /** Each line of the session is answered by exactly one line of JSON. */
  get #answersJsonLine(): boolean {
    const { session } = this.host;
    return session?.isLineByLine === true && session.format === 'json';
  }

  /** Writes one version, and answers with it, and more, where the answer is JSON. */
  protected write(
    store: StoreAccess,
    operation: Operation<Buffer>,
    more: Record<string, unknown> = {},
  ): Promise<void> {
    return this.writeAll(store, [operation], ([version]) => ({ ...version, ...more }));
  }

  /** Writes versions as one batch, and answers where the answer is JSON. */
  protected async writeAll(
    store: StoreAccess,
    operations: readonly Operation<Buffer>[],
    answer: WriteAnswer,
  ): Promise<void> {
    const gather = this.host.session?.gather;
    if (gather !== undefined) {
      gather(operations, this.isJson ? answer : undefined);
      return;
    }
    const committed = await store.commit(operations);
    if (this.isJson) await this.printJson(answer(writtenJson(store, operations, committed)));
  }

  /** The format that the options name. */
  protected get chosenFormat(): Format | undefined {
    return this.#common.json === true ? 'json' : this.#common.format;
  }

  protected get look(): Look {
    const { isTerminal, width, environment, session } = this.host;
    const fallback = session?.format ?? (isTerminal ? 'table' : 'tsv');
    return {
      format: this.chosenFormat ?? fallback,
      isTerminal,
      isOneLine: this.#answersJsonLine,
      isColoured: isColoured(isTerminal, this.#common['no-color'] === true, environment),
      width,
    };
  }

  /** The answer is one JSON value. */
  protected get isJson(): boolean {
    return this.look.format === 'json' || this.look.format === 'ndjson';
  }

  protected async printJson(value: unknown): Promise<void> {
    await this.host.output.write(`${jsonText(value, this.look)}\n`);
  }

  protected async printLine(text: string): Promise<void> {
    await this.host.output.write(`${text}\n`);
  }

  /** Bytes and nothing else; where they could drive a terminal, as text that cannot. */
  protected async printBytes(bytes: Buffer): Promise<void> {
    const { output, isTerminal } = this.host;
    await output.write(isTerminal ? visibleLines(readable(bytes)) : bytes);
  }

  /** A value as it is, with a newline after it; escaped where it must stay in one line. */
  protected async printValue(value: Buffer): Promise<void> {
    const { output, isTerminal, session } = this.host;
    if (session?.isLineByLine === true) return this.#printCell(tsvCell(value));
    if (isTerminal) return this.printLine(visibleLines(readable(value)));
    await output.write(value);
    await output.write('\n');
  }

  async #printCell(cell: string | Buffer): Promise<void> {
    const { output, isTerminal } = this.host;
    if (isTerminal) return this.printLine(visible(cell.toString()));
    await output.write(cell);
    await output.write('\n');
  }

  /** Prints rows as they come. */
  protected printRows<Row>(
    shape: Shape<Row>,
    rows: Rows<Row>,
    hasTsvHeader = false,
  ): Promise<void> {
    return this.printPieces(shape, piecesOf(rows), hasTsvHeader);
  }

  /** The same, of rows that come several at once. */
  protected async printPieces<Row>(
    shape: Shape<Row>,
    pieces: AsyncIterable<Iterable<Row>>,
    hasTsvHeader = false,
  ): Promise<void> {
    const writer = await rowWriter(shape, this.look, this.host.output, hasTsvHeader);
    let count = 0;
    try {
      count = await this.#writeRows(pieces, writer);
    } catch (error) {
      if (!isEnding(error)) await writer.breakOff().catch(() => undefined);
      throw error;
    }
    await writer.end();
    // Whoever asked has to learn that there is nothing to wait for.
    if (count === 0 && this.host.session?.isLineByLine === true) throw nothingThere('no rows');
  }

  /** After each row: lets signals arrive now and then. */
  protected async pause(count: number): Promise<void> {
    if (count % rowsPerTurn === 0) await new Promise((resolve) => setImmediate(resolve));
    this.host.signal.throwIfAborted();
  }

  /** Counts rows without keeping or showing them. */
  protected async count(rows: Rows<unknown>): Promise<number> {
    let count = 0;
    for await (const _ of rows) await this.pause(++count);
    return count;
  }

  /** Answers how many there were. */
  async #writeRows<Row>(
    pieces: AsyncIterable<Iterable<Row>>,
    writer: RowWriter<Row>,
  ): Promise<number> {
    const rowsMax = this.#answersJsonLine ? sessionRowsMax : Infinity;
    let count = 0;
    for await (const piece of pieces) {
      for (const row of piece) {
        count += 1;
        if (count > rowsMax) {
          throw usageError(`more than ${rowsMax} rows for one line; ${this.#fewer}`);
        }
        const written = writer.row(row);
        if (written !== undefined) await written;
        if (count % rowsPerTurn === 0) await this.pause(count);
      }
      this.host.signal.throwIfAborted();
    }
    return count;
  }

  /** How to ask for fewer rows. */
  get #fewer(): string {
    return this.#hasLimit ? 'set a smaller --limit' : `run ${this.id} outside of the batch`;
  }
}
