/** Which time zone local times are in. */
import { usageError, type CliError } from '../base/cli-error.js';

/** `--tz`, else `$TZ`, else the system's. */
export function localZone(option: string | undefined, environment: NodeJS.ProcessEnv): string {
  if (option !== undefined) return option;
  const variable = environment['TZ'];
  if (variable === undefined) return systemZone();
  // POSIX allows a colon in front, and a path; an empty TZ means UTC.
  const name = variable.replace(/^:/, '').replace(/^\/usr\/share\/zoneinfo\//, '');
  return name === '' ? 'UTC' : name;
}

/** Reads `--tz`. An unknown zone is refused whether the command reads a local time or not. */
export function parseZone(zone: string): string {
  if (/^[+-]\d\d:\d\d$/.test(zone)) return zone;
  try {
    void new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    throw unknownZone(zone);
  }
  return zone;
}

export function unknownZone(zone: string): CliError {
  return usageError(
    `${JSON.stringify(zone)} is no time zone; zones are written Europe/Berlin, UTC or +02:00`,
  );
}

function systemZone(): string {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return timeZone === 'Etc/Unknown' ? 'UTC' : timeZone;
}
