/** Whether a command has said what it was to say. */
import type { Outcome } from '../support/timekv.js';

export interface Said {
  code: number | null;
  /** Byte by byte, as Latin-1 has it. */
  stdout: string;
  stderr: string;
}

export function saidIn({ code, bytes, stderr }: Outcome): Said {
  return { code, stdout: bytes.toString('latin1'), stderr };
}

/** What no hand could write down: sizes, identities, the time of the test. */
const placeholders: Record<string, string> = {
  '<n>': String.raw`\d+(?:\.\d+)?`,
  '<id>': '[0-9a-f]+',
  '<time>': String.raw`\d{4}-\d\d-\d\dT[\d:.]+Z`,
};

export function isAnswer(got: Said, want: Said): boolean {
  return (
    got.code === want.code && isSaid(got.stdout, want.stdout) && isSaid(got.stderr, want.stderr)
  );
}

function isSaid(said: string, wanted: string): boolean {
  return said === wanted || patternOf(wanted).test(said);
}

function patternOf(text: string): RegExp {
  const parts = text.split(/(<(?:n|id|time)>)/).map((part) => placeholders[part] ?? literal(part));
  return new RegExp(`^${parts.join('')}$`);
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

/** The message of an error that is told in one line. */
export function messageIn(stderr: string): string | undefined {
  return /^timekv: (.*)\n$/.exec(stderr)?.[1];
}

/** The codes of the errors that end a command with each number. */
export const codesOf: Readonly<Record<number, readonly string[]>> = {
  1: ['ERR_TIMEKV_IO', 'ERR_TIMEKV_READ_ONLY'],
  2: ['ERR_TIMEKV_INVALID_ARGUMENT', 'ERR_TIMEKV_NOT_A_STORE'],
  3: ['ERR_TIMEKV_NOTHING_THERE', 'ERR_TIMEKV_NO_STORE', 'ERR_TIMEKV_NO_SNAPSHOT'],
  4: ['ERR_TIMEKV_CONFLICT', 'ERR_TIMEKV_EXISTS'],
  5: ['ERR_TIMEKV_TIMEOUT'],
  6: ['ERR_TIMEKV_DAMAGED'],
  7: ['ERR_TIMEKV_HISTORY_TRUNCATED'],
};
