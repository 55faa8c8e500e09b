/** Defects in what the server answers. */
import type { Catching, Defect } from './defect.js';

const kills: Catching = { harness: 'serve-kill', seed: 1, amount: 0.2, inPackage: true };

export const defectsOfServing: readonly Defect[] = [
  {
    name: 'a write over HTTP is acknowledged before it is committed',
    file: 'src/http/routes/key.ts',
    from: 'export async function write(\n',
    // The seqs that it tells are right, as long as the server lives.
    to: `let turn = Promise.resolve();
export function write(door, exchange, operation) {
  turn = turn.then(async () => {
    if (operation.ifSeq !== undefined) return writeNow(door, exchange, operation);
    const at = door.store.now();
    const seq = (await door.store.stats()).seq + 1;
    exchange.sendJson({ timestamp: at, seq }, ['etag', etagOf(seq)]);
    await new Promise((soon) => setTimeout(soon, 3));
    await door.store.commit([{ ...operation, at }]);
  });
  const mine = turn;
  turn = mine.catch(() => {});
  return mine;
}
async function writeNow(\n`,
    caughtBy: kills,
  },
];
