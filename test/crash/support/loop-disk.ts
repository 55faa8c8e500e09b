/**
 * A disk whose power can be cut: an ext4 file system in an image file, mounted through a loop device.
 * The shutdown ioctl drops at once whatever had not reached the image; mounting it again replays the
 * journal, as after a real power cut. Takes root and loop devices.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll } from 'vitest';

const run = promisify(execFile);
const imageBytes = 384 * 1024 * 1024;
const prefix = 'timekv-power-cut-';

/** How ext4 goes down: what is in the journal's memory is dropped, or written without the data. */
export const powerLoss = { dropsJournal: 2, keepsJournal: 1 } as const;

/** Cuts the power of the file system at a path, once for each line on its stdin. */
const powerSwitch = `
import fcntl, os, struct, sys
for line in sys.stdin:
    flag, path = line.rstrip('\\n').split(' ', 1)
    file = os.open(path, os.O_RDONLY)
    fcntl.ioctl(file, 0x8004587d, struct.pack('I', int(flag)))
    os.close(file)
    print('cut', flush=True)
`;

export class LoopDisk {
  /** Where it is mounted. */
  readonly path: string;
  readonly #device: string;
  readonly #switch: ChildProcess;
  readonly #switchEnded: Promise<never>;

  private constructor(directory: string, device: string) {
    this.path = join(directory, 'mounted');
    this.#device = device;
    this.#switch = spawn('python3', ['-c', powerSwitch], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#switchEnded = once(this.#switch, 'exit').then(() => {
      throw new Error('python3, which cuts the power, has ended');
    });
    this.#switchEnded.catch(() => {}); // Whoever waits for a cut is told.
  }

  /** Answers why there can be none, where that is so. Gone after the test file. */
  static async make(): Promise<LoopDisk | string> {
    if (process.getuid?.() !== 0) return 'mounting takes root';
    await removeLeftovers();
    const directory = fs.mkdtempSync(join(parent(), `${prefix}${process.pid}-`));
    afterAll(() => discard(directory));
    try {
      fs.mkdirSync(join(directory, 'mounted'));
      fs.writeFileSync(join(directory, 'image'), '');
      fs.truncateSync(join(directory, 'image'), imageBytes);
      const { stdout } = await run('losetup', ['--find', '--show', join(directory, 'image')]);
      const disk = new LoopDisk(directory, stdout.trim());
      afterAll(() => disk.#switch.stdin?.end());
      await disk.format();
      await disk.mount();
      await disk.cut(powerLoss.dropsJournal);
      await disk.unmount();
      return disk;
    } catch (error) {
      await discard(directory);
      return firstLine(error);
    }
  }

  /**
   * Makes it empty; it must not be mounted.
   * @param size of a file system that is to be smaller than the disk
   */
  async format(size?: { kibibytes: number; inodes: number }): Promise<void> {
    // The journal is zeroed: what an earlier file system left there must not be replayed.
    const quick = ['-N', `${size?.inodes ?? 8192}`, '-E', 'lazy_itable_init=0,nodiscard'];
    const blocks = size === undefined ? [] : [`${size.kibibytes}k`];
    await run('mkfs.ext4', ['-q', '-F', '-m', '0', ...quick, this.#device, ...blocks]);
  }

  /** @param options of the file system, as mount(8) takes them */
  async mount(options = 'data=ordered'): Promise<void> {
    await run('mount', ['-t', 'ext4', '-o', options, this.#device, this.path]);
  }

  async unmount(): Promise<void> {
    await run('umount', [this.path]);
  }

  /** From here on nothing reaches the disk. */
  async cut(loss: number): Promise<void> {
    const { stdin, stdout } = this.#switch;
    stdin?.write(`${loss} ${this.path}\n`);
    await Promise.race([once(stdout as never, 'data'), this.#switchEnded]);
  }

  /** Throws if the file system itself is damaged; it must not be mounted. */
  async check(): Promise<void> {
    await run('e2fsck', ['-f', '-n', this.#device]);
  }
}

function parent(): string {
  return fs.existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n').slice(0, 2).join(' ');
}

/** What a run that was killed has left: its process is not there any more. */
async function removeLeftovers(): Promise<void> {
  for (const name of fs.readdirSync(parent())) {
    if (!name.startsWith(prefix)) continue;
    if (fs.existsSync(`/proc/${Number.parseInt(name.slice(prefix.length), 10)}`)) continue;
    await discard(join(parent(), name));
  }
}

/** Undoes as much of it as there is. */
async function discard(directory: string): Promise<void> {
  await run('umount', ['-l', join(directory, 'mounted')]).catch(() => undefined);
  const image = join(directory, 'image');
  const { stdout } = await run('losetup', ['-j', image, '-n', '-O', 'NAME']).catch(() => ({
    stdout: '',
  }));
  for (const device of stdout.split('\n').filter((line) => line !== '')) {
    await run('losetup', ['-d', device.trim()]).catch(() => undefined);
  }
  fs.rmSync(directory, { recursive: true, force: true });
}
