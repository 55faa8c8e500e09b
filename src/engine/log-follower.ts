/**
 * Goes over committed operations by seq, from one WAL file to the next: those that are kept for
 * watchers, then the live ones, as far as the end register says. It holds the file that it reads open,
 * so that one which is removed meanwhile is still read to its end; what comes behind a file that
 * was removed unread is refused, never passed over (`docs/decisions/0012-following.md`).
 */
import { Alarm } from '../base/alarm.js';
import { copyOf } from '../base/bytes.js';
import { monotonicMs } from '../base/clock.js';
import type { Entry } from '../base/entry.js';
import { damaged, TimekvError } from '../base/errors.js';
import { KiB, watchPollBlindMs, watchPollMs } from '../base/limits.js';
import { Slices } from '../base/slices.js';
import { isRegister, walDirectory, walPath, type WalName } from '../disk/names.js';
import { FrameType } from '../wal/format.js';
import { FrameWalker, type Frame } from '../wal/frame-walker.js';
import { RecordReader } from '../wal/record.js';
import type { Tail } from '../wal/wal-file.js';
import { WalReader } from '../wal/wal-reader.js';
import type { Follower, Wanted } from './engine.js';
import type { Environment } from './environment.js';
import type { LiveFiles } from './live-files.js';

/** So much is handed out at once, unless a single frame is larger. */
const handedBytesMax = 256 * KiB;
/** What others have erased since is known after so long, in milliseconds. */
const lookedWithinMs = 1;

export interface FollowedStore {
  environment: Environment;
  directory: string;
  /** Undefined while there is no store. @throws ERR_TIMEKV_CLOSED */
  files: () => LiveFiles | undefined;
  /** Changes with each commit of this process. */
  commits: () => number;
  /** What the system refused, as an error of ours. */
  told: (error: unknown) => unknown;
  /** Called once it is closed. */
  left: (follower: LogFollower) => void;
}

/** The last committed frame, and the file it is in. */
interface End {
  name: WalName;
  tail: Tail;
}

/** The file that is read, and how far. */
interface Place {
  reader: WalReader;
  name: WalName;
  walker: FrameWalker;
  /** Walked from its start, and nothing new was met yet: then what cannot be read is damage. */
  isFresh: boolean;
}

/** A frame with wanted operations behind some seq. */
interface Kept {
  payload: Buffer;
  firstSeq: number;
  after: number;
}

/** What was last seen of the end of the log. */
interface Look {
  at: number;
  commits: number;
  seq: number;
  /** Something may hide what was written before; undefined: not asked yet. */
  hides: boolean | undefined;
}

export class LogFollower implements Follower {
  readonly #store: FollowedStore;
  readonly #wanted: Wanted;
  readonly #alarm = new Alarm();
  /** Everything up to here was handed out, or is not wanted. */
  #seq: number;
  #place: Place | undefined;
  #unwatch: (() => void) | undefined;
  #isClosed = false;

  constructor(store: FollowedStore, since: number, wanted: Wanted) {
    this.#store = store;
    this.#seq = since;
    this.#wanted = wanted;
  }

  async next(): Promise<Iterable<Entry> | undefined> {
    this.#alarm.hush();
    this.#listen();
    try {
      return await this.#next();
    } catch (error) {
      throw this.#store.told(error);
    }
  }

  async #next(): Promise<Iterable<Entry> | undefined> {
    let files = this.#store.files();
    if (files === undefined) return undefined;
    const end = endOf(files);
    const kept: Kept[] = [];
    const slices = new Slices();
    for (let bytes = 0; bytes < handedBytesMax;) {
      const frame = this.#nextFrame(files, end);
      if (frame === undefined) break;
      const { firstSeq } = frame.header;
      const found = { payload: frame.payload, firstSeq, after: this.#seq };
      if (this.#holdsWanted(found, frame)) {
        kept.push({ ...found, payload: copyOf(frame.payload) });
        bytes += frame.payload.length;
      }
      this.#seq = lastSeqOf(frame);
      if (!slices.isOver) continue;
      this.#place?.walker.pause();
      await slices.next();
      files = this.#store.files();
      if (this.#isClosed || files === undefined) return undefined;
    }
    this.#place?.walker.pause();
    return kept.length === 0 ? undefined : this.#entries(kept, files);
  }

  changed(milliseconds: number, signal: AbortSignal): Promise<void> {
    const poll = this.#unwatch === undefined ? watchPollBlindMs : watchPollMs;
    return this.#alarm.wait(Math.min(milliseconds, poll), signal);
  }

  wake(): void {
    this.#alarm.ring();
  }

  close(): void {
    this.#isClosed = true;
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#leave();
    this.#store.left(this);
  }

  /** Before the first look, so that nothing is committed in between unheard. */
  #listen(): void {
    const { environment, directory } = this.#store;
    this.#unwatch ??= environment.watchDirectory(walDirectory(directory), (file) => {
      if (file === null || isRegister(file)) this.#alarm.ring();
    });
  }

  *#entries(kept: readonly Kept[], files: LiveFiles): Generator<Entry> {
    const look: Look = { at: -Infinity, commits: -1, seq: 0, hides: undefined };
    for (const frame of kept) {
      for (const entry of entriesIn(frame, this.#wanted)) {
        this.#lookAgain(look, files);
        // Behind the last operation there is nothing that could hide it.
        if (entry.seq < look.seq) look.hides ??= files.view().hides;
        yield look.hides === true ? files.withFreshFiles(() => files.view().toldNow(entry)) : entry;
      }
    }
  }

  /** It may be long until the next entry is asked for; yet to ask the system each time costs more. */
  #lookAgain(look: Look, files: LiveFiles): void {
    const at = monotonicMs();
    const commits = this.#store.commits();
    if (at - look.at < lookedWithinMs && commits === look.commits) return;
    const { seq } = files.refresh();
    if (seq !== look.seq) look.hides = undefined;
    Object.assign(look, { at, commits, seq });
  }

  #holdsWanted(found: Kept, { header }: Frame): boolean {
    try {
      return entriesIn(found, this.#wanted).next().done !== true;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const path = this.#place?.reader.path ?? '';
      throw damaged(path, header.offset, `a record cannot be read: ${error.message}`);
    }
  }

  /** The next data frame up to the end; a view that holds until the next step. */
  #nextFrame(files: LiveFiles, end: End): Frame | undefined {
    for (;;) {
      const place = (this.#place ??= files.withFreshFiles(() => this.#enter(files, 0)));
      const isLast = place.name.suffix === end.name.suffix;
      if (place.name.generation > end.name.generation) return undefined;
      // Files before the last one are sealed, and what a seal ends is committed.
      const isSealed = place.name.generation < end.name.generation;
      const frame = place.walker.next(isLast ? end.tail.ordinal : isSealed ? Infinity : 0);
      if (frame !== undefined) {
        const isNew = lastSeqOf(frame) > this.#seq;
        if (isNew) place.isFresh = false;
        if (isNew && frame.header.type === FrameType.data) return frame;
        continue;
      }
      const { tail } = place.walker;
      if (isLast && tail.ordinal >= end.tail.ordinal) return undefined;
      if (tail.next === undefined) startOver(place);
      else this.#goOn(files, place);
    }
  }

  /** Behind a seal: into the next file. */
  #goOn(files: LiveFiles, { name, walker }: Place): void {
    this.#seq = Math.max(this.#seq, walker.tail.seq);
    const next = files.withFreshFiles(() => this.#enter(files, name.generation));
    this.#leave();
    this.#place = next;
  }

  /** Opens the file that goes on behind the seq. @param after only one of a later generation */
  #enter(files: LiveFiles, after: number): Place {
    const { name, tail } = endOf(files);
    // Who knows all that is committed need not walk there.
    const isAtEnd = after === 0 && this.#seq >= tail.seq;
    const entered = isAtEnd ? name : this.#fileBehind(files, after);
    const reader = this.#open(files, entered);
    const walker = new FrameWalker(reader, isAtEnd ? tail : reader.start);
    return { reader, name: entered, walker, isFresh: !isAtEnd };
  }

  /** The last file that begins at the seq or before it. */
  #fileBehind(files: LiveFiles, after: number): WalName {
    const live = files.log.generations.filter(({ generation }) => generation > after);
    const found = live.findLast(({ file }) => file.header.baseSeq <= this.#seq);
    if (found !== undefined) return found.file.name;
    const kept = files.manifest.wals.filter(
      (row) =>
        row.state === 'kept' &&
        row.generation > after &&
        row.generation < (live[0]?.generation ?? Infinity),
    );
    let [low, high] = [0, kept.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#baseSeq(files, kept[middle]) <= this.#seq) low = middle + 1;
      else high = middle;
    }
    const last = kept[low - 1];
    if (last !== undefined) return last;
    const [oldest] = [...kept, ...live.map(({ file }) => file.name)];
    throw truncated(this.#seq, this.#baseSeq(files, oldest));
  }

  #baseSeq(files: LiveFiles, name: WalName | undefined): number {
    if (name === undefined) throw new RangeError('there is no log');
    const reader = this.#open(files, name);
    reader.close();
    return reader.header.baseSeq;
  }

  /** @throws the system's ENOENT if it has gone: look into the catalog again */
  #open({ manifest }: LiveFiles, name: WalName): WalReader {
    const { environment, directory } = this.#store;
    const reader = new WalReader(environment.fileSystem, walPath(directory, name));
    const { storeId, generation } = reader.header;
    const isOurs = storeId === manifest.settings.storeId && generation === name.generation;
    if (reader.isIntact && isOurs) return reader;
    reader.close();
    throw damaged(reader.path, 0, 'the file header is not one that this store wrote');
  }

  #leave(): void {
    this.#place?.reader.close();
    this.#place = undefined;
  }
}

function endOf(files: LiveFiles): End {
  return files.withFreshFiles(() => {
    files.refresh();
    // Of one and the same log: the line before may have opened it anew.
    const { log } = files;
    return { tail: log.refresh(), name: log.active.file.name };
  });
}

/**
 * What was remembered of frames may have been written over, by a process that had lost the write
 * lock; what is not there from the start either is damaged.
 */
function startOver(place: Place): void {
  const { reader, walker } = place;
  if (place.isFresh) {
    throw damaged(reader.path, walker.tail.offset, 'a frame of the log cannot be read');
  }
  place.walker = new FrameWalker(reader, reader.start);
  place.isFresh = true;
}

function lastSeqOf({ header: { firstSeq, count } }: Frame): number {
  return firstSeq + count - 1;
}

/** The operations of a frame behind a seq, with views of its payload. */
function* entriesIn({ payload, firstSeq, after }: Kept, wanted: Wanted): Generator<Entry> {
  const reader = new RecordReader();
  reader.reset(payload);
  for (let seq = firstSeq; reader.next(); seq++) {
    if (seq <= after) continue;
    const { keyOffset, keyBytes, kind, timestamp, expiresAt } = reader;
    const key = payload.subarray(keyOffset, keyOffset + keyBytes);
    if (wanted(key)) yield { key, timestamp, seq, kind, expiresAt, value: reader.value() };
  }
}

function truncated(seq: number, oldest: number): TimekvError {
  return new TimekvError(
    'ERR_TIMEKV_HISTORY_TRUNCATED',
    `what was committed after seq ${seq} is no longer in the log as a whole; the oldest seq that can be asked for is ${oldest}`,
  );
}
