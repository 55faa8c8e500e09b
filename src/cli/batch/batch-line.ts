/** One line of a batch, and how it is answered. */
import type { Operation } from '../../index.js';
import { tsvAbsent } from '../display/cells.js';
import { codeOf, errorJson, isEnding, messageOf } from '../base/cli-error.js';
import { SessionHost, type Host, type SessionFrame } from '../base/host.js';
import type { LineOutput } from './line-output.js';
import { runLine } from '../session.js';
import type { Token } from '../tokens.js';

/** What the lines of a batch have in common. */
export interface LinesOptions {
  keepsGoing: boolean;
  format: SessionFrame['format'];
  zone: string | undefined;
  /** Ends the reading of lines. */
  stop: AbortController;
}

/** The lines of a batch, one after the other. */
export interface Lines {
  /** Resolves when the next line may begin; undefined if it may at once. */
  run(number: number, tokens: Token[] | Error): Promise<void> | undefined;
  /**
   * Resolves when all is answered. Throws the first error.
   * @param unread why lines that follow could not be read
   */
  end(unread: { error: unknown } | undefined): Promise<void>;
}

export interface BatchLine {
  number: number;
  output: LineOutput;
  error?: unknown;
}

/** Runs a line to its end. Never fails: what went wrong is noted in the line. */
export async function runToEnd(
  line: BatchLine,
  tokens: Token[] | Error,
  host: Host,
  frame: SessionFrame,
): Promise<void> {
  try {
    if (tokens instanceof Error) throw tokens;
    await runLine(tokens, new SessionHost(host, line.output, frame));
  } catch (error) {
    line.error = error;
  }
}

/** Completes the answer of a line that has come to its end. */
export async function completeAnswer(
  { number, output, error }: BatchLine,
  host: Host,
  isJson: boolean,
): Promise<void> {
  if (isFault(error)) {
    if (isJson) {
      output.discard();
      await output.write(`${JSON.stringify(errorJson(error))}\n`);
    } else if (!isEnding(error)) {
      host.message(`line ${number}: ${messageOf(error)}`);
    }
  } else if (isJson && !output.hasAnswer) {
    await output.write('null\n');
  } else if (error !== undefined && !isJson && !output.hasAnswer) {
    await output.write(`${tsvAbsent}\n`);
  }
  await output.end();
}

/** Whether a line went wrong; that it found nothing is an answer. */
export function isFault(error: unknown): boolean {
  return error !== undefined && codeOf(error) !== 'ERR_TIMEKV_NOTHING_THERE';
}

/** What an operation weighs in memory, about. */
export function bytesOf(operation: Operation<Buffer>): number {
  return operation.key.length + (operation.type === 'set' ? operation.value.length : 0);
}
