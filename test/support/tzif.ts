/**
 * The oracle of fixtures/time-zones: answers from the compiled files of the same tzdata release
 * (TZif, RFC 9636), which zic made and not the code in fixtures/.
 *
 *     header | data, 32 bits | header | data, 64 bits | footer
 *                                       └ times, types of them, types, abbreviations, …
 */
import { readOracle } from './fixture.js';

const headerBytes = 44;
const typeBytes = 6;
/** The files answer up to here: beyond, a zone with summer time follows its footer. */
const end = Date.UTC(2038) / 1000;

interface Archive {
  release: string;
  /** The number of each name's content. */
  names: Record<string, number>;
  /** One character a byte. */
  contents: string[];
}

interface Zone {
  /** In seconds since 1970, ascending. */
  times: number[];
  /** What holds from each of them on. */
  states: string[];
  /** What holds before the first. */
  earliest: string;
}

interface Counts {
  universal: number;
  standard: number;
  leaps: number;
  times: number;
  types: number;
  characters: number;
}

export class TimeZoneOracle {
  readonly release: string;
  readonly #zones: Map<string, Zone>;

  constructor() {
    const archive = readOracle('time-zones', 'tzif.json.gz') as Archive;
    this.release = archive.release;
    const zones = archive.contents.map((content) => readZone(Buffer.from(content, 'latin1')));
    this.#zones = new Map(
      Object.entries(archive.names).map(([name, content]) => [name, zones[content]!]),
    );
  }

  get names(): string[] {
    return [...this.#zones.keys()];
  }

  /** Every moment, in microseconds, at which the file says that something changes. */
  instantsOf(name: string): number[] {
    return this.#zone(name).times.map((seconds) => seconds * 1_000_000);
  }

  /** Offset and abbreviation at a moment in microseconds since 1970: `+01:00 CET` */
  stateAt(name: string, microseconds: number): string {
    const seconds = Math.floor(microseconds / 1_000_000);
    if (seconds >= end) throw new RangeError(`${name}: 2038 and later is not in the files`);
    const { times, states, earliest } = this.#zone(name);
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (times[middle]! <= seconds) low = middle + 1;
      else high = middle;
    }
    return states[low - 1] ?? earliest;
  }

  #zone(name: string): Zone {
    const zone = this.#zones.get(name);
    if (zone === undefined) throw new RangeError(`no such zone: ${name}`);
    return zone;
  }
}

function readCounts(file: Buffer, at: number): Counts {
  if (file.toString('latin1', at, at + 4) !== 'TZif') throw new Error(`no TZif header at ${at}`);
  const count = (index: number): number => file.readUInt32BE(at + 20 + 4 * index);
  return {
    universal: count(0),
    standard: count(1),
    leaps: count(2),
    times: count(3),
    types: count(4),
    characters: count(5),
  };
}

function dataBytes(counts: Counts, timeBytes: number): number {
  return (
    counts.times * (timeBytes + 1) +
    counts.types * typeBytes +
    counts.characters +
    counts.leaps * (timeBytes + 4) +
    counts.standard +
    counts.universal
  );
}

function readZone(file: Buffer): Zone {
  const second = headerBytes + dataBytes(readCounts(file, 0), 4);
  const counts = readCounts(file, second);
  const timesAt = second + headerBytes;
  const typesOfTimesAt = timesAt + 8 * counts.times;
  const typesAt = typesOfTimesAt + counts.times;
  const charactersAt = typesAt + typeBytes * counts.types;

  const states = Array.from({ length: counts.types }, (_, type) => {
    const at = typesAt + typeBytes * type;
    const name = charactersAt + file.readUInt8(at + 5);
    return `${offsetText(file.readInt32BE(at))} ${file.toString('latin1', name, file.indexOf(0, name))}`;
  });
  const times = Array.from({ length: counts.times }, (_, i) =>
    Number(file.readBigInt64BE(timesAt + 8 * i)),
  );
  const footer = file.toString('latin1', timesAt + dataBytes(counts, 8)).trim();
  if (footer.includes(',') && (times.at(-1) ?? 0) < Date.UTC(2037, 6) / 1000) {
    throw new Error(`summer time goes on after the last change in the file: ${footer}`);
  }
  return {
    times,
    states: times.map((_, i) => states[file.readUInt8(typesOfTimesAt + i)]!),
    earliest: states[0]!,
  };
}

/** `+01:00`, `-00:44:30` */
function offsetText(seconds: number): string {
  const clock = new Date(Math.abs(seconds) * 1000).toISOString().slice(11, 19);
  return (seconds < 0 ? '-' : '+') + clock.replace(/:00$/, '');
}
