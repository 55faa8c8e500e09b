/** How a session gets what is typed, whatever the terminal can do. */

export type Reading =
  /** One line, or several that were pasted or recalled together. */
  | { kind: 'text'; text: string }
  /** Ctrl-C; whether nothing had been typed. */
  | { kind: 'interrupt'; wasEmpty: boolean }
  /** Ctrl-D, or the terminal has gone. */
  | { kind: 'end' };

export interface LineReader {
  /** Asks for the next line. Between two readings the terminal is as it was, for whoever needs it. */
  read(prompt: string): Promise<Reading>;
  /** What a signal from outside does that means Ctrl-C. */
  interrupt(): void;
  /** Keeps a line for those that are typed later. */
  remember(line: string): void;
  /** Ends the reading, now or at the next call. */
  close(): void;
}
