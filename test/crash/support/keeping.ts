/** What a process does to keep moments of a store: snapshots, backups, and what is restored of them. */
import type { Random } from '../../support/random.js';
import type { SimulatedStore, SimulatedSystem } from '../../support/simulated-system.js';
import { anyContent, type Content } from './copies-oracle.js';
import { contentOf, labelsOf, readAll } from './labels.js';
import type { Recording } from './recording.js';
import { restoreIn } from './restoring.js';

export class Keeping {
  readonly #system: SimulatedSystem;
  readonly #recording: Recording;
  readonly #random: Random;
  #made = 0;
  /** Names of snapshots that there are. */
  readonly #kept: string[] = [];
  /** Names of directories with backups that are certain. */
  #backups: string[] = [];

  constructor(system: SimulatedSystem, recording: Recording, random: Random) {
    this.#system = system;
    this.#recording = recording;
    this.#random = random;
  }

  async take({ store, engine }: SimulatedStore): Promise<void> {
    const name = `s${++this.#made}`;
    this.#recording.note((oracle) => {
      oracle.askedForSnapshot(name);
    });
    await store.snapshot(name);
    const { seq, now } = engine.snapshots().find((row) => row.name === name)!;
    this.#recording.note((oracle) => {
      oracle.tookSnapshot({ name, seq, now });
    });
    this.#kept.push(name);
  }

  /** Gives up a snapshot; takes one where there is none. */
  async giveUp(process: SimulatedStore): Promise<void> {
    if (this.#kept.length === 0) return this.take(process);
    const [name] = this.#kept.splice(this.#random.integer(0, this.#kept.length), 1) as [string];
    const note = (isTold: boolean): void => {
      this.#recording.note((oracle) => {
        oracle.kept.givenUp(name, isTold);
      });
    };
    note(false);
    await process.store.removeSnapshot(name);
    note(true);
  }

  /**
   * Into a directory of its own, or the one that there is already.
   * @param isCertain false: nobody knows what the store holds
   */
  async backUp(process: SimulatedStore, isCertain: boolean): Promise<void> {
    const { store, fileSystem } = process;
    const isOfSnapshot = this.#kept.length > 0 && this.#random.next() < 0.4;
    const snapshot = isOfSnapshot ? this.#random.pick(this.#kept) : undefined;
    const isNew = isOfSnapshot || this.#random.next() < 0.2;
    const name = isNew ? `backup-${++this.#made}` : 'backup';
    const content = isCertain ? await this.#contentAt(process, snapshot) : anyContent;
    this.#recording.note(({ copies }) => {
      copies.begun(name, content);
    });
    this.#backups = this.#backups.filter((each) => each !== name);
    await store.backup(`${fileSystem.root}/${name}`, snapshot);
    const made = isCertain ? content : await this.#contentAt(process, snapshot);
    this.#recording.note(({ copies }) => {
      copies.holds(name, made);
    });
    this.#backups.push(name);
  }

  /** Restores a backup, which is made first where there is none. */
  async restore(process: SimulatedStore, isCertain: boolean): Promise<void> {
    if (this.#backups.length === 0) await this.backUp(process, isCertain);
    const from = this.#random.pick(this.#backups);
    const name = `restored-${++this.#made}`;
    this.#recording.note(({ copies }) => {
      copies.begun(name, copies.contentOf(from) ?? anyContent);
    });
    await restoreIn(this.#system, process.fileSystem, from, name);
    this.#recording.note(({ copies }) => {
      copies.holds(name, copies.contentOf(from));
    });
  }

  /** What a backup holds that is made now. */
  async #contentAt(process: SimulatedStore, snapshot: string | undefined): Promise<Content> {
    const { store, engine, fileSystem } = process;
    store.refresh();
    const found = labelsOf(readAll(store));
    this.#recording.note((oracle) => {
      oracle.saw(found);
    });
    if (snapshot === undefined) return contentOf(process);
    const options = { readOnly: true, create: false, snapshot };
    const then = await this.#system.openIn(fileSystem, 'data', options);
    try {
      const content = JSON.parse(contentOf(then)) as { seq: number };
      const snapshots = engine.snapshots().filter(({ seq }) => seq <= content.seq);
      return JSON.stringify({
        ...content,
        snapshots: snapshots.map(({ name, seq }) => [name, seq]),
      });
    } finally {
      await then.store.close();
    }
  }
}
