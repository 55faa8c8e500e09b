/**
 * The commit protocol against a disk that loses what was not synced: processes write, read, rotate,
 * are killed between any two file operations or in the middle of one, meet failing syncs and full
 * disks, and the power is cut. Whatever was acknowledged or seen once must stay.
 */
import { describe, expect, it } from 'vitest';
import { systemCode, TimekvError } from '../../src/base/errors.js';
import { Oracle } from '../support/oracle.js';
import { Random } from '../support/random.js';
import { randomLoss, systemError } from '../support/simulated-disk.js';
import { Killed } from '../support/simulated-file-system.js';
import { Machine, settleDown, SimulatedProcess } from '../support/simulated-processes.js';

const runs = Number(process.env['TIMEKV_RUNS'] ?? 100);
const stepsPerRun = 80;

class Run {
  readonly #random: Random;
  readonly #machine: Machine;
  readonly #oracle = new Oracle();
  readonly #hasProcessMode: boolean;
  #processes: SimulatedProcess[] = [];
  #values = 0;
  readonly #events: string[] = [];

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#hasProcessMode = this.#random.next() < 0.3;
    this.#machine = new Machine({ hasBootId: this.#random.next() < 0.8 });
  }

  /** What went wrong, with the seed that shows it again and all that happened. */
  async fault(): Promise<string | undefined> {
    try {
      await this.#go();
      return undefined;
    } catch (error) {
      const what = error instanceof Error ? error.stack : String(error);
      return `TIMEKV_RUN_SEED=${this.#random.seed}\n${this.#events.join('\n')}\n${what}`;
    }
  }

  async #go(): Promise<void> {
    for (let step = 0; step < stepsPerRun; step++) {
      await this.#step();
    }
    this.#losePower();
    this.#open({ isReadOnly: this.#random.next() < 0.5 });
    this.#open({});
    for (const each of this.#processes) this.#read(each);
  }

  async #step(): Promise<void> {
    const living = this.#processes.filter((each) => !each.fileSystem.isKilled);
    this.#processes = living;
    const writers = living.filter((each) => !each.isReadOnly);
    const kind = this.#random.next();
    if (writers.length === 0 || (kind < 0.1 && living.length < 4)) {
      this.#open({ isReadOnly: living.length > 0 && this.#random.next() < 0.3 });
      return;
    }
    const chosen = this.#random.pick(writers);
    if (kind < 0.5) this.#submit(chosen);
    else if (kind < 0.65) chosen.gates.shift()?.();
    else if (kind < 0.85) this.#read(this.#random.pick(living));
    else if (kind < 0.89) this.#rotate(chosen);
    else if (kind < 0.92) this.#kill(chosen);
    else if (kind < 0.97) this.#plant(chosen);
    else this.#losePower();
    await settleDown();
  }

  #open({ isReadOnly: wantsReader = false }): void {
    // Where there is no boot id such a reader trusts what it finds, and may be wrong: see DESIGN.md.
    const isReadOnly = wantsReader && this.#machine.hasBootId;
    const isFull = !this.#hasProcessMode || this.#random.next() < 0.5;
    const options = { isReadOnly, durability: isFull ? 'full' : 'process' } as const;
    this.#events.push(`open ${JSON.stringify(options)}`);
    const dies = this.#random.next() < 0.1 ? this.#random.integer(0, 8) : Infinity;
    try {
      const opened = SimulatedProcess.open(this.#machine, options, (fileSystem) => {
        let operations = 0;
        fileSystem.before = () => {
          if (operations++ < dies) return;
          fileSystem.kill();
          throw new Killed();
        };
      });
      opened.fileSystem.before = undefined;
      this.#processes.push(opened);
      this.#read(opened);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      this.#events.push('  killed while opening');
    }
  }

  #submit(chosen: SimulatedProcess): void {
    const count = this.#random.integer(1, 3); // Two at once are synced in the background.
    for (let index = 0; index < count; index++) {
      const size = this.#random.next() < 0.3 ? this.#random.integer(1000, 12_000) : 10;
      const values = Array.from({ length: this.#random.integer(1, 3) }, () => {
        return `v${++this.#values}`;
      });
      this.#oracle.submitted(values, { durability: chosen.durability });
      void this.#commit(chosen, values, size);
    }
  }

  async #commit(chosen: SimulatedProcess, values: string[], size: number): Promise<void> {
    const name = values.join('+');
    this.#events.push(`${this.#name(chosen)} submit ${name}`);
    try {
      await chosen.commit(values.map((value) => ({ value: value.padEnd(size), at: size })));
      this.#events.push(`  acknowledged ${name}`);
      this.#oracle.acknowledged(values);
    } catch (error) {
      this.#events.push(`  failed ${name}: ${String(error)}`);
      if (chosen.fileSystem.isKilled || isOutcomeUnknown(error)) return;
      this.#oracle.refused(values);
    }
  }

  #read(chosen: SimulatedProcess): void {
    const name = this.#name(chosen);
    try {
      const found = chosen.read();
      this.#events.push(`${name} read ${found.size}`);
      const fault = this.#oracle.faultIn(found);
      if (fault !== undefined) throw new Error(`${name}: ${fault}`);
      this.#oracle.saw(found);
    } catch (error) {
      if (!(error instanceof Killed) && systemCode(error) !== 'EIO') throw error;
      this.#events.push(`${name} could not read`);
    }
  }

  #rotate(chosen: SimulatedProcess): void {
    this.#events.push(`${this.#name(chosen)} rotate`);
    chosen.rotate().catch((error: unknown) => {
      this.#events.push(`  not rotated: ${String(error)}`);
    });
  }

  #kill(chosen: SimulatedProcess): void {
    this.#events.push(`${this.#name(chosen)} kill`);
    chosen.kill();
  }

  /** Something that will go wrong a few operations from now. */
  #plant(chosen: SimulatedProcess): void {
    let left = this.#random.integer(0, 12);
    const kind = this.#random.pick(['kill', 'ENOSPC', 'EIO', 'writeback']);
    const { fileSystem } = chosen;
    this.#events.push(`${this.#name(chosen)} plant ${kind} in ${left}`);
    fileSystem.before = (name, path, bytes) => {
      if (left-- > 0) return;
      const written = Math.floor(this.#random.next() * 1.2 * (bytes?.length ?? 0));
      if (kind === 'kill') {
        this.#events.push(`  killed at ${name} ${path} ${written}`);
        chosen.kill();
        throw Object.assign(new Killed(), { written });
      }
      if (kind === 'writeback') {
        if (!name.startsWith('syncData')) return;
        fileSystem.before = undefined;
        this.#events.push(`  writeback of ${path} fails`);
        this.#machine.disk.failWriteback(chosen.fileSystem.real(path));
        return;
      }
      fileSystem.before = undefined;
      if (kind === 'ENOSPC' && name !== 'write') return;
      this.#events.push(`  ${kind} at ${name} ${path} ${written}`);
      throw Object.assign(systemError(kind, path), { written });
    };
  }

  #losePower(): void {
    this.#events.push('POWER CUT');
    for (const each of this.#processes) each.kill();
    this.#processes = [];
    this.#machine.disk.losePower(randomLoss(this.#random));
    this.#machine.boot++;
    if (this.#hasProcessMode) this.#oracle.powerWasLost();
  }

  #name(chosen: SimulatedProcess): string {
    return `#${this.#processes.indexOf(chosen)}${chosen.isReadOnly ? ' (reader)' : ''}`;
  }
}

function isOutcomeUnknown(error: unknown): boolean {
  return error instanceof TimekvError && error.code === 'ERR_TIMEKV_OUTCOME_UNKNOWN';
}

describe('the log, over a disk that forgets', () => {
  it(`keeps what was acknowledged or seen, in ${runs} runs`, async () => {
    const seeds = new Random();
    for (let each = 0; each < runs; each++) {
      const seed = Number(process.env['TIMEKV_RUN_SEED'] ?? seeds.integer(0, 2 ** 32));
      expect(await new Run(seed).fault()).toBeUndefined();
    }
  });
});
