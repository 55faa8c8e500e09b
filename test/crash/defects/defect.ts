/** What a planted defect is, and by which harness it may be caught. */
export interface Defect {
  name: string;
  file: `src/${string}.ts`;
  /** There exactly once. */
  from: string;
  to: string;
  caughtBy: Catching;
  /** So much like another that CI goes without it. */
  isForLong?: true;
}

export interface Catching {
  /** A file of test/crash, without `.test.ts`. */
  harness: string;
  /** One test of the harness, by a part of its name; all of them if it is not given. */
  test?: string;
  seed: number;
  /** As in TIMEKV_AMOUNT. */
  amount: number;
  /** As in TIMEKV_POINT, which some harnesses know. */
  point?: string;
  /** The harness runs the package in processes of its own. */
  inPackage?: true;
}

/** The seeds in the corpus of a harness are those that catch these. */
export function corpusOf(harness: string): Catching {
  return { harness, test: 'repeats no fault', seed: 1, amount: 1 };
}

export const histories = corpusOf('model');
