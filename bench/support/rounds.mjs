/**
 * What is compared takes turns, so that a noisy minute falls on all of it; and each round begins with
 * another, so that nobody always runs on the other's leftovers.
 */
export async function interleaved(rounds, turns) {
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < turns.length; turn++) {
      await turns[(round + turn) % turns.length](round);
    }
  }
}
