/** One store whose server is killed again and again while clients write, and what is asked of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { open } from '../../../src/index.js';
import { addressOf, ownHost, spawnServer } from '../../http/support/spawn-server.js';
import { type Child, type Finished, timekv } from '../../support/child.js';
import type { Random } from '../../support/random.js';
import { Client, Connection, isLost } from './served-clients.js';
import { type Found, ServedLedger } from './served-ledger.js';

const killsPerStore = 15;
const clientsPerStore = 6;
/** So many writes, most of them far fewer, are answered before a kill; on a busy machine fewer again. */
const writesPerLife = 100;
const longestLifeMs = 2000;
/** And a moment more, so that a kill comes at any point of the next ones. */
const momentMs = 5;
/** One kill in so many comes before the server listens, within the time that it takes to start. */
const earlyEvery = 5;
const startMs = 250;

/** What all stores have in common. */
export class Harness {
  kills = 0;
  /** What is reported, in this order. */
  readonly counts = {
    'with writes on their way': 0,
    'while it starts': 0,
    stores: 0,
    acknowledged: 0,
    'committed and never answered': 0,
    'connections lost or refused': 0,
    'conditions that did not hold': 0,
    'looks through a server': 0,
    'versions seen there': 0,
    segments: 0,
  };
  readonly #killsAsked: number;
  #isFaulty = false;

  constructor(killsAsked: number) {
    this.#killsAsked = killsAsked;
  }

  /** False also when something was found in one of the stores. */
  get goesOn(): boolean {
    return this.kills < this.#killsAsked && !this.#isFaulty;
  }

  /** The same promise, whose failure is noted at once, though it may be awaited later. */
  noting<T>(work: Promise<T>): Promise<T> {
    work.catch(() => {
      this.#isFaulty = true;
    });
    return work;
  }

  get isFaulty(): boolean {
    return this.#isFaulty;
  }
}

type Moment = 'with writes on their way' | 'while it starts';

export class Stage {
  readonly #directory: string;
  readonly #random: Random;
  readonly #harness: Harness;
  readonly #ledger = new ServedLedger();
  readonly #enough = new AbortController();
  readonly #over = new AbortController();
  readonly #clients: Client[] = [];
  #working: Promise<unknown> = Promise.resolve();
  #server: Child;
  #port = 0;
  #url = '';

  constructor(directory: string, random: Random, harness: Harness) {
    this.#directory = directory;
    this.#random = random;
    this.#harness = harness;
    this.#server = this.#start();
  }

  /** @throws if anything is lost, doubled or from nowhere, or a client gives up */
  async run(): Promise<void> {
    this.#url = await addressOf(this.#server);
    this.#port = Number(new URL(this.#url).port);
    this.#startClients();
    try {
      for (let kill = 0; kill < killsPerStore && this.#harness.goesOn; kill++) {
        await this.#killOnce();
      }
      await this.#server.printed('\n');
    } catch (error) {
      this.#over.abort();
      await this.#working.catch(() => undefined);
      throw error;
    }
    this.#enough.abort();
    await this.#working;
    await this.#look();
    await this.#end();
    await this.#checkStore();
  }

  #start(): Child {
    const args = ['--host', ownHost, '--memory', '8MiB'];
    return spawnServer({ directory: this.#directory, args, port: this.#port });
  }

  #startClients(): void {
    const { counts } = this.#harness;
    const [enough, over] = [this.#enough.signal, this.#over.signal];
    const work = { ledger: this.#ledger, enough, over, counts };
    for (let number = 0; number < clientsPerStore; number++) {
      const connection = new Connection(this.#url);
      this.#clients.push(new Client(`c${number}`, connection, this.#random.at(number), work));
    }
    const all = Promise.all(this.#clients.map((client) => client.run()));
    this.#working = this.#harness.noting(all);
  }

  /** Kills the server at a random moment, and starts the next one. */
  async #killOnce(): Promise<void> {
    if (this.#random.integer(0, earlyEvery) === 0) {
      await sleep(this.#random.next() * startMs);
      await this.#kill('while it starts');
    } else {
      await this.#server.printed('\n');
      const looked = this.#harness.noting(this.#look());
      await this.#untilAnswered(this.#random.next() ** 2 * writesPerLife);
      await sleep(this.#random.next() * momentMs);
      await this.#untilInFlight();
      await this.#kill('with writes on their way');
      await looked;
    }
    this.#server = this.#start();
  }

  async #untilAnswered(writes: number): Promise<void> {
    const [from, startedAt] = [this.#ledger.answered, performance.now()];
    while (this.#ledger.answered - from < writes && !this.#harness.isFaulty) {
      if (performance.now() - startedAt > longestLifeMs) return;
      await sleep(1);
    }
  }

  /** Between two writes a kill tells nothing: a little later there is one. */
  async #untilInFlight(): Promise<void> {
    const isInFlight = (): boolean => this.#clients.some(({ inFlight }) => inFlight > 0);
    while (!isInFlight() && !this.#harness.isFaulty) await sleep(1);
  }

  async #kill(moment: Moment): Promise<void> {
    this.#server.process.kill('SIGKILL');
    const finished = await this.#server.finished;
    if (finished.signal !== 'SIGKILL' || finished.stderr !== '') throw complaint(finished);
    this.#harness.kills += 1;
    this.#harness.counts[moment] += 1;
  }

  /** Everything that was acknowledged by now, as the server has it; it may die meanwhile. */
  async #look(): Promise<void> {
    const promised = this.#ledger.promised();
    const connection = new Connection(this.#url);
    try {
      const { status, body } = await connection.ask('GET', '/api/v1/scan');
      if (status !== 200) throw new Error(`scan: ${status} ${body}`);
      const rows = body.split('\n').slice(0, -1);
      const newest = rows.map((row) => JSON.parse(row) as Found);
      this.#ledger.checkNewest(newest, promised);
      this.#harness.counts['looks through a server'] += 1;
      this.#harness.counts['versions seen there'] += newest.length;
    } catch (error) {
      if (!isLost(error)) throw error;
    } finally {
      connection.close();
    }
  }

  /** Ends the last server in good order. */
  async #end(): Promise<void> {
    this.#server.process.kill('SIGTERM');
    const finished = await this.#server.finished;
    if (finished.exitCode !== 143 || finished.stderr !== '') throw complaint(finished);
  }

  async #checkStore(): Promise<void> {
    const store = await open(this.#directory, { readOnly: true });
    const versions = Array.from(store.versions(), ({ value = '', ...rest }) => ({
      ...rest,
      value,
    }));
    const { segments } = await store.stats();
    await store.close();
    this.#ledger.checkAll(versions);
    const verified = await timekv('verify', '--dir', this.#directory).finished;
    if (verified.exitCode !== 0 || verified.stdout !== '') throw complaint(verified);
    const { counts } = this.#harness;
    counts.stores += 1;
    counts.acknowledged += this.#ledger.answered;
    counts['committed and never answered'] += versions.length - this.#ledger.answered;
    counts.segments += segments.count;
  }
}

function complaint({ exitCode, signal, stdout, stderr }: Finished): Error {
  return new Error(`it complains (exit ${exitCode}, ${signal}): ${stderr || stdout}`);
}
