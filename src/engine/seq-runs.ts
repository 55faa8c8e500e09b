/** The seqs of entries that are numbered as they come: mostly one run without gaps, in one number. */

interface Run {
  firstNumber: number;
  firstSeq: number;
}

export class SeqRuns {
  #runs: Run[] = [];

  /** The entries from this number on have seqs from this one on. */
  begin(firstNumber: number, firstSeq: number): void {
    const last = this.#runs.at(-1);
    if (last !== undefined && last.firstSeq + firstNumber - last.firstNumber === firstSeq) return;
    this.#runs.push({ firstNumber, firstSeq });
  }

  of(number: number): number {
    const runs = this.#runs;
    let at = runs.length - 1;
    let before = 0;
    // Mostly it is the last one.
    while (at > before && number < (runs[at] as Run).firstNumber) {
      const middle = (before + at) >>> 1;
      if (number < (runs[middle + 1] as Run).firstNumber) at = middle;
      else before = middle + 1;
    }
    const { firstNumber, firstSeq } = runs[at] as Run;
    return firstSeq + number - firstNumber;
  }

  clear(): void {
    this.#runs = [];
  }
}
