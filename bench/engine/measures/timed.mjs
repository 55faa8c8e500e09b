/** What an action took, per operation: on the clock, and of all processors. In µs. */
export async function timed(operations, action) {
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const answer = action();
  if (answer instanceof Promise) await answer;
  const wall = ((performance.now() - start) * 1000) / operations;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { wall, cpu: (user + system) / operations };
}
