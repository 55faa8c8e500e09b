/** A clock that stands still until the test moves it, also backwards. */
export class ManualClock {
  time: number;

  constructor(time = 0) {
    this.time = time;
  }

  now(): number {
    return this.time;
  }
}
