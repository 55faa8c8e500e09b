// The peak of this process's resident memory in bytes. `process.resourceUsage().maxRSS` will not
// do on Linux: it starts at what the parent process had when it forked.
import { readFileSync } from 'node:fs';

export function peakMemory() {
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (peak !== null) return Number(peak[1]) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}
