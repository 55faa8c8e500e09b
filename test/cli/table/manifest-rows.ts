/** What is wrong with any option, and with any command's arguments, as the manifest lists them. */
import type { Commands } from './complete.js';
import { refuses, type Row } from './row.js';

/** The rows of one command. */
export function manifestRows(name: string, { flags, args }: Commands[string]): Row[] {
  const options = Object.entries(flags).map(([flag, { type }]) =>
    type === 'boolean'
      ? refuses(`${name} --${flag}=yes`, `--${flag} takes no value`, { oclif: 'switch' })
      : refuses(
          `${name} --${flag}`,
          `--${flag} needs a value; one that begins with a hyphen is written --${flag}=VALUE`,
        ),
  );
  const usage = Object.entries(args).map(([arg, { required }]) =>
    (required === true ? arg : `[${arg}]`).toUpperCase(),
  );
  const line = ['usage: timekv', name, ...usage].join(' ');
  const words = [name, ...usage.map(() => 'x')];
  return [
    ...options,
    refuses([...words, 'more'], `unexpected argument "more"; ${line}`),
    ...Object.entries(args)
      .slice(0, 1)
      .filter(([, { required }]) => required === true)
      .map(([arg]) => refuses(name, `${name} needs a ${arg.toUpperCase()}; ${line}`)),
  ];
}
