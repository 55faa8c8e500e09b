/** Answers that may be long: on a terminal they go through a pager. */
import { isEnding } from '../base/cli-error.js';
import { SessionHost, type Host } from '../base/host.js';

/** Does the work with a host whose output a pager shows where it is longer than the screen. */
export async function paged(host: Host, work: (host: Host) => Promise<void>): Promise<void> {
  if (!host.isTerminal || host.session?.isLineByLine === true) return work(host);
  const { PagedOutput, pagerCommand } = await import('./pager.js');
  const command = pagerCommand(host.environment);
  if (command === undefined) return work(host);
  const output = new PagedOutput(host, command);
  let fault: { error: unknown } | undefined;
  try {
    await work(new SessionHost(host, output, host.session));
  } catch (error) {
    fault = { error };
  }
  // What was answered before a fault is an answer still; the fault is what to tell of.
  await output.end().catch((error: unknown) => {
    if (fault === undefined || isEnding(fault.error)) throw error;
  });
  // That the reader has left the pager early ends the command in silence, like any closed pipe.
  if (fault !== undefined) throw fault.error;
}
