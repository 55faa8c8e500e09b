/**
 * CUT: real power cuts, of a real file system. Processes write, flush, merge and read; at some moment
 * the disk loses all that it was not asked to keep, and is mounted again. Whatever was acknowledged
 * or seen must be there, in whole batches, and stay there.
 */
import { describe, expect, test } from 'vitest';
import { amount, harnessSeed, isWhole, replayLine, report } from '../support/harness.js';
import { Random } from '../support/random.js';
import { say } from '../support/say.js';
import { Machine } from './support/cut-machine.js';
import { planControl, planRound, type Plan } from './support/cut-plan.js';
import { LoopDisk } from './support/loop-disk.js';

const minutes = 60_000;
const cutsMin = amount(120, 2000);

/** A store with more than that takes too long to look at after each cut. */
const batchesMax = 300;

const disk = await LoopDisk.make();
if (typeof disk === 'string') say(`CUT: skipped, no disk whose power could be cut: ${disk}`);

/** Rounds until there are so many cuts; the next round's processes start while one is looked at. */
async function play(machine: Machine, cuts: number, plans: () => Plan): Promise<void> {
  let next = plans();
  let crews = machine.crews(next);
  for (;;) {
    const plan = next;
    try {
      await machine.work(plan, crews);
      next = plans();
      const isOver = machine.cuts >= cuts;
      crews = isOver ? [] : machine.crews(next);
      await machine.recover(plan);
      if (isOver) return;
    } catch (error) {
      await Promise.all(crews.map((crew) => crew.kill()));
      const told = `after ${machine.cuts} cuts, ${JSON.stringify(plan)}`;
      throw new Error(`${String(error)}\n${told}\n${replayLine('power-cut')}`, { cause: error });
    }
  }
}

describe.skipIf(typeof disk === 'string')('when the power is cut', () => {
  test(
    'nothing that was acknowledged or seen is lost',
    async () => {
      const startedAt = performance.now();
      const random = new Random(harnessSeed);
      const machine = new Machine(disk as LoopDisk);
      let stores = 0;
      await play(machine, cutsMin, () => {
        const isNewStore = stores === 0 || machine.batches > batchesMax || random.next() < 0.2;
        stores += isNewStore ? 1 : 0;
        return planRound(random, isNewStore);
      });
      report(
        'CUT',
        {
          cuts: machine.cuts,
          stores,
          'batches looked at': machine.looks,
          'acknowledged batches lost': 0,
          'of mode process lost, as allowed': machine.lost,
        },
        startedAt,
      );
      expect(machine.cuts).toBeGreaterThanOrEqual(isWhole ? 120 : 1);
    },
    240 * minutes,
  );

  test('a writer that does not sync is seen to lose', async () => {
    const startedAt = performance.now();
    const random = new Random(harnessSeed);
    const machine = new Machine(disk as LoopDisk);
    await play(machine, 3, () => planControl(random));
    report(
      'CUT control',
      { cuts: machine.cuts, 'acknowledged batches lost': machine.lost },
      startedAt,
    );
    expect(machine.lost).toBeGreaterThan(0);
  });
});
