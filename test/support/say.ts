/** A line for whoever runs the tests: a seed, a latency, why something is skipped. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
