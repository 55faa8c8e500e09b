/**
 * What processes did to a simulated disk, operation by operation, and what they were told on the way:
 * enough to stop at any point and to say what must be true there.
 */
import type { DiskOperation } from '../../support/simulated-disk.js';
import type { SimulatedSystem } from '../../support/simulated-system.js';
import { StoreOracle } from './store-oracle.js';

interface Told {
  /** How many operations there had been. */
  after: number;
  tell: (oracle: StoreOracle) => void;
}

export class Recording {
  /** As it was before. */
  readonly system: SimulatedSystem;
  readonly oracle: StoreOracle;
  readonly operations: DiskOperation[] = [];
  readonly #told: Told[] = [];

  /** Records from now on what is done to the system's disk. */
  constructor(system: SimulatedSystem, oracle = new StoreOracle()) {
    this.system = system.with(system.disk.clone());
    this.oracle = oracle.clone();
    system.disk.journal = this.operations;
  }

  /** Somebody has been told something, now. */
  note(tell: (oracle: StoreOracle) => void): void {
    this.#told.push({ after: this.operations.length, tell });
  }

  /** What must be true once everything was done. */
  oracleAtEnd(): StoreOracle {
    const oracle = this.oracle.clone();
    for (const { tell } of this.#told) tell(oracle);
    return oracle;
  }

  /** Tells the oracle what was told after exactly so many operations. */
  tellAfter(operations: number, oracle: StoreOracle): void {
    for (const { after, tell } of this.#told) if (after === operations) tell(oracle);
  }
}
