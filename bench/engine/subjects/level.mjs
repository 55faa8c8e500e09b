/** classic-level (LevelDB): keys are the key, a zero, and the timestamp; values are bytes. */
import { peersRequire } from '../../support/peers.mjs';

const rowsPerBatch = 10_000;

export async function openLevel(directory, { memoryMiB, isDurable }) {
  const { ClassicLevel } = peersRequire('classic-level');
  const db = new ClassicLevel(directory, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    cacheSize: (memoryMiB / 2) * 2 ** 20,
    writeBufferSize: Math.min(64, memoryMiB / 4) * 2 ** 20,
    maxFileSize: 16 * 2 ** 20,
  });
  await db.open();
  const newest = async (start, end) => {
    const iterator = db.iterator({ gte: start, lte: end, reverse: true, limit: 1 });
    const entry = await iterator.next();
    await iterator.close();
    return entry;
  };
  return {
    isAsync: true,
    async load(rows) {
      let operations = [];
      for (const { key, at, value } of rows) {
        operations.push({ type: 'put', key: encoded(key, at), value });
        if (operations.length < rowsPerBatch) continue;
        await db.batch(operations);
        operations = [];
      }
      await db.batch(operations, { sync: true });
    },
    settle: () => db.compactRange(encoded('', 0), Buffer.alloc(32, 0xff)),
    set: (key, value, at) => db.put(encoded(key, at), value, { sync: isDurable }),
    async get(key, at) {
      return (await newest(encoded(key, 0), encoded(key, at)))?.[1];
    },
    async history(key) {
      const range = { gte: encoded(key, 0), lte: encoded(key, Number.MAX_SAFE_INTEGER) };
      const entries = await db.iterator(range).all();
      return entries.map(([at, value]) => [timestampOf(at), value]);
    },
    /** Everything is gone through: an iterator that jumps costs far more than what lies between. */
    async scan(at) {
      const found = [];
      const iterator = db.iterator();
      let last = '';
      for (;;) {
        const entries = await iterator.nextv(1_000);
        if (entries.length === 0) break;
        for (const [bytes, value] of entries) {
          if (timestampOf(bytes) > at) continue;
          const key = bytes.latin1Slice(0, bytes.length - 9);
          if (key === last) found.pop();
          found.push([key, value]);
          last = key;
        }
      }
      await iterator.close();
      return found;
    },
    close: () => db.close(),
  };
}

/** The timestamp is never negative here: big-endian keeps its order. */
function encoded(key, at) {
  const bytes = Buffer.allocUnsafe(key.length + 9);
  bytes.latin1Write(key, 0);
  bytes[key.length] = 0;
  bytes.writeUInt32BE(Math.floor(at / 2 ** 32), key.length + 1);
  bytes.writeUInt32BE(at % 2 ** 32, key.length + 5);
  return bytes;
}

function timestampOf(bytes) {
  const start = bytes.length - 8;
  return bytes.readUInt32BE(start) * 2 ** 32 + bytes.readUInt32BE(start + 4);
}
