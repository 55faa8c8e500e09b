/** What `verify` says of its findings, beside the rows that name them. */
import type { Loss, VerifyReport } from '../../index.js';
import { formatByteSize } from '../base/byte-size.js';
import { CliError } from '../base/cli-error.js';
import type { Host } from '../base/host.js';
import { isoTime } from './shapes.js';

export function tellOfVerify(report: VerifyReport, host: Host): void {
  const { files, bytes, entries, damages, leftovers, losses } = report;
  for (const { acceptedAt, file, lost } of losses) {
    const when = isoTime(acceptedAt, 'us') ?? '';
    host.message(`note: ${file} was put aside ${when} and lost with it: ${lost}`);
  }
  for (const path of leftovers) {
    host.message(`note: nothing leads to ${path}: it is being made, or was left by a crash`);
  }
  if (damages.length > 0) return;
  host.message(
    `no damage: ${counted(files, 'file')}, ${formatByteSize(bytes)}, ${counted(entries, 'version')}`,
  );
}

/** Each damage in a line of its own, however long. */
export function tellInFull({ damages }: VerifyReport, host: Host): void {
  for (const { file, offset, what, lost } of damages) {
    host.message(`${file} at offset ${offset}: ${what}; lost: ${lost}`);
  }
}

/** What `verify --quarantine` has done. */
export function tellOfLosses(accepted: readonly Loss[], host: Host): void {
  for (const { file, lost } of accepted) host.message(`lost with ${file}: ${lost}`);
  const what = accepted.length === 0 ? 'and nothing is lost' : 'and the rest can be read';
  host.message(`what was damaged lies in quarantine, ${what}`);
}

/** What ends `verify` where something is wrong: exit 6. */
export function damageFound({ damages }: VerifyReport): CliError {
  const files = new Set(damages.map(({ file }) => file)).size;
  return new CliError(
    'ERR_TIMEKV_DAMAGED',
    `${counted(damages.length, 'damage')} in ${counted(files, 'file')}; restore from a backup, or go on without what is lost: timekv verify --quarantine`,
  );
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
