/** The processes that are at work when the power is cut, and what each was promised by then. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, start } from '../../support/child.js';
import type { Plan, Worker } from './cut-plan.js';

export interface Told {
  name: string;
  durability: 'full' | 'process';
  /** The number of the last batch that was acknowledged; −1: none. */
  acknowledged: number;
  /** The last state of the catalog that was told. */
  epoch: number;
  /** Values that were read, by their seq. */
  seen: Map<number, string>;
  refused: string | undefined;
}

/** What a process may be told once the disk has gone. */
const refusals = /^ERR_TIMEKV_(IO|OUTCOME_UNKNOWN|POISONED|DAMAGED) /;

export class Crew {
  readonly #children: { worker: Worker; name: string; child: Child }[];
  readonly #moment: Plan['moment'];

  /**
   * Starts them; they do nothing yet.
   * @param name no other crew has it
   */
  constructor(
    { workers, moment }: Pick<Plan, 'workers' | 'moment'>,
    place: { directory: string; bootId: string; name: string },
  ) {
    this.#moment = moment;
    this.#children = workers.map((worker, index) => {
      const name = `${place.name}-${index}`;
      return { worker, name, child: start('power-cut', { ...worker, ...place, name }) };
    });
  }

  /** Lets them work, and answers at the moment at which the power is to go. */
  async work(): Promise<void> {
    await Promise.all(this.#children.map(({ child }) => child.printed('ready\n')));
    for (const { child } of this.#children) child.process.stdin?.write('go\n');
    const { worker, line, milliseconds, patienceMs } = this.#moment;
    const printed = this.#children[worker]?.child.printed(line);
    await (patienceMs === undefined ? printed : Promise.race([printed, sleep(patienceMs)]));
    if (milliseconds > 0) await sleep(milliseconds);
    for (const { name, child } of this.#children) {
      if (child.process.exitCode === null) continue;
      throw new Error(`${name} ended by itself: ${JSON.stringify(await child.finished)}`);
    }
  }

  /** Kills them; when this resolves they are gone. */
  async kill(): Promise<void> {
    for (const { child } of this.#children) child.process.kill('SIGKILL');
    await Promise.all(this.#children.map(({ child }) => child.finished));
  }

  /** What they had told when they were killed. */
  told(): Promise<Told[]> {
    return Promise.all(
      this.#children.map(async ({ worker, name, child }) => {
        const { stdout, stderr } = await child.finished;
        if (stderr !== '') throw new Error(`${name} said ${stderr}`);
        return { name, durability: worker.durability, ...parse(stdout) };
      }),
    );
  }
}

function parse(stdout: string): Omit<Told, 'name' | 'durability'> {
  const told = {
    acknowledged: -1,
    epoch: 0,
    seen: new Map<number, string>(),
    refused: undefined as string | undefined,
  };
  for (const line of stdout.split('\n').slice(0, -1)) {
    const [word, ...rest] = line.split(' ');
    const number = Number(rest[0]);
    if (word === 'ack') told.acknowledged = Math.max(told.acknowledged, number);
    if (word === 'epoch') told.epoch = number;
    if (word === 'seen') told.seen.set(Number(rest[1]), rest.slice(2).join(' '));
    if (word === 'refused') told.refused = rest.join(' ');
  }
  if (told.refused !== undefined && !refusals.test(told.refused)) {
    throw new Error(`a cut disk was told as ${told.refused}`);
  }
  return told;
}
