/** What the operating system tells about itself: its boot, its locks, its kinds of file systems. */
import { accessSync, constants, readFileSync, realpathSync, statSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Identifies the run of the kernel (Linux: random at each boot). Empty where the system has none:
 * then a power cut can never be ruled out.
 */
export function bootIdentity(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().replaceAll('-', '');
  } catch {
    return '';
  }
}

/**
 * The process that holds an exclusive kernel lock on a file, for the message that names it.
 * Reads /proc/locks and only stats the file: opening it would drop this process's own locks.
 * @returns undefined where it cannot be told
 */
export function lockHolder(path: string): number | undefined {
  try {
    const file = `${deviceOf(path)}:${statSync(path).ino}`;
    for (const line of readFileSync('/proc/locks', 'utf8').split('\n')) {
      const fields = line.trim().split(/\s+/);
      if (fields[1] === '->' || fields[3] !== 'WRITE') continue;
      if (fields[5] === file) return Number(fields[4]);
    }
  } catch {
    // Not Linux, or no permission: the message does without.
  }
  return undefined;
}

/**
 * The device of a file as /proc/locks writes it: that of its mount. (What stat(2) tells is another
 * one where a file system has subvolumes.)
 */
function deviceOf(path: string): string {
  const real = realpathSync(path);
  let found = { device: '', point: '' };
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [, , device = '', , escaped = ''] = line.split(' ');
    const point = escaped.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCodePoint(Number.parseInt(octal, 8)),
    );
    const isAbove = real.startsWith(point.endsWith('/') ? point : `${point}/`);
    // Of several mounts on one point the last lies on top.
    if (point !== '' && isAbove && point.length >= found.point.length) found = { device, point };
  }
  const hexadecimal = (part: string) => Number(part).toString(16).padStart(2, '0');
  return found.device.split(':').map(hexadecimal).join(':');
}

/** True if this process may write to the file, as far as owner, mode and mount tell; never opens it. */
export function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** True if no file can be made beside this one, however much space there is. */
export function lacksInodes(path: string): boolean {
  try {
    const { files, ffree } = statfsSync(dirname(path));
    return files > 0 && ffree === 0; // Some file systems count none.
  } catch {
    return false;
  }
}

/** statfs(2) type numbers of file systems whose locks or sizes other machines share. */
const remoteTypes = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x517b, 'SMB'],
  [0x01021997, '9p'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x01161970, 'GFS2'],
  [0x7461636f, 'OCFS2'],
]);

/** The name of a network file system, undefined for a local one. */
export function remoteFileSystemName(type: number): string | undefined {
  // statfs types are signed on some platforms.
  return remoteTypes.get(type >>> 0);
}
