/** What `dump` says of a file beside its versions. */
import type { Damage, DumpedPart, Version } from '../../index.js';
import { CliError } from '../base/cli-error.js';
import type { Host } from '../base/host.js';
import { isoTime } from './shapes.js';

/** So many damages are named in one error object. */
const namedDamagesMax = 100;

/**
 * The versions in a file. Notes and damages go to stderr as they come; with JSON, where an error is
 * one object and nothing else, damages are named in that.
 * @returns `end` fails if anything was damaged
 */
export async function dumpedRows(
  file: string,
  host: Host,
  isJson: boolean,
): Promise<{ rows: Iterable<Version<Buffer>>; end: () => void }> {
  const { dump } = await import('../../index.js');
  let count = 0;
  const named: string[] = [];
  const onDamage = ({ offset, what, lost }: Damage) => {
    const text = `at offset ${offset}: ${what}; lost: ${lost}`;
    count++;
    if (!isJson) host.message(`timekv: ${file} is damaged ${text}`);
    else if (count <= namedDamagesMax) named.push(text);
  };
  const onPart = (part: DumpedPart) => {
    if (!isJson) host.message(inWords(part));
  };
  const end = () => {
    if (count === 0) return;
    const places = [`${file} is damaged in ${count} ${count === 1 ? 'place' : 'places'}`, ...named];
    throw new CliError('ERR_TIMEKV_DAMAGED', places.join('; '));
  };
  return { rows: dump(file, { onPart, onDamage }), end };
}

function inWords(part: DumpedPart): string {
  switch (part.part) {
    case 'segment':
      return `segment ${part.id} of the store ${part.storeId}, ${part.bytes} bytes`;
    case 'wal': {
      const { generation, storeId, baseSeq, createdAt } = part;
      return `log generation ${generation} of the store ${storeId}, after seq ${baseSeq}, made ${shownTime(createdAt)}`;
    }
    case 'seal':
      return `frame ${part.ordinal} at ${part.offset}: the seal, written ${shownTime(part.writtenAt)}`;
    default: {
      const { ordinal, offset, firstSeq, count, writtenAt, durability } = part;
      const seqs = count === 1 ? `seq ${firstSeq}` : `seqs ${firstSeq} to ${firstSeq + count - 1}`;
      return `frame ${ordinal} at ${offset}: ${seqs}, written ${shownTime(writtenAt)}, durability ${durability}`;
    }
  }
}

/** A clock may have told anything. */
function shownTime(microseconds: number): string {
  const isDate = Math.abs(microseconds) <= 8.64e18;
  return isDate ? (isoTime(microseconds, 'us') ?? '') : String(microseconds);
}
