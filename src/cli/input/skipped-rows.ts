/** So many bad rows are named in one error object. */
const namedRowsMax = 100;

/** Rows of which the one error object of `--json` tells, in place of a line of text for each. */
export class SkippedRows {
  readonly #messages: string[] = [];

  add(message: string): void {
    if (this.#messages.length < namedRowsMax) this.#messages.push(message);
  }

  summary(count: number): string {
    const unnamed = this.#messages.length === 0 ? 0 : count - this.#messages.length;
    return [
      `${count} bad ${count === 1 ? 'row was' : 'rows were'} skipped`,
      ...this.#messages,
      ...(unnamed > 0 ? [`and ${unnamed} more`] : []),
    ].join('; ');
  }
}
