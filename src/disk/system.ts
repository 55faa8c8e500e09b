/** What the operating system tells about itself: its boot, its locks, its kinds of file systems. */
import { readFileSync, statSync } from 'node:fs';

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
    const inode = statSync(path).ino;
    for (const line of readFileSync('/proc/locks', 'utf8').split('\n')) {
      const fields = line.trim().split(/\s+/);
      if (fields[1] === '->' || fields[3] !== 'WRITE') continue;
      if (fields[5]?.split(':')[2] === String(inode)) return Number(fields[4]);
    }
  } catch {
    // Not Linux, or no permission: the message does without.
  }
  return undefined;
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
