/** Which of a process's files are terminals, without loading what Node has for terminals if none is. */
import { fstatSync } from 'node:fs';
import process from 'node:process';

/** Of /dev/null and the like, on Linux. */
const memoryDevices = 1;

/** True if somebody sits at the other end. */
export function isTerminal(descriptor: number): boolean {
  return mayBeTerminal(descriptor) && process.getBuiltinModule('node:tty').isatty(descriptor);
}

/** A pipe or a file is surely none. */
function mayBeTerminal(descriptor: number): boolean {
  try {
    const status = fstatSync(descriptor);
    const isMemory = process.platform === 'linux' && status.rdev >>> 8 === memoryDevices;
    return status.isCharacterDevice() && !isMemory;
  } catch {
    return false; // It is closed.
  }
}
