/**
 * Defects that somebody might put into timekv, each as a change of one place, and the harness that
 * catches it from a fixed seed. Without the defect the harness passes from the same seed.
 */
import { defectsOfBackups } from './backups.js';
import { defectsOfCopies } from './copies.js';
import { type Catching, corpusOf, type Defect, histories } from './defect.js';
import { defectsOfLives } from './lives.js';
import { defectsOfRetention } from './retention.js';
import { defectsOfServing } from './serving.js';

export type { Defect } from './defect.js';

const states = corpusOf('sim');
const failures = corpusOf('sim-failures');

const kills: Catching = { harness: 'kill', seed: 1, amount: 0.02, inPackage: true };

function stops(test: string): Catching {
  return { harness: 'race-stops', test, seed: 1, amount: 1, inPackage: true };
}

const cuts: Catching = {
  harness: 'power-cut',
  test: 'nothing that was',
  seed: 2,
  amount: 0.06,
  inPackage: true,
};
const fullDisks: Catching = {
  harness: 'full-disk',
  test: 'cut short',
  seed: 1,
  amount: 0.1,
  inPackage: true,
};

function commandLine(point: string): Catching {
  return { harness: 'strace', point, seed: 1, amount: 1, inPackage: true };
}

export const defects: readonly Defect[] = [
  ...defectsOfLives,
  ...defectsOfCopies,
  ...defectsOfBackups,
  ...defectsOfRetention,
  ...defectsOfServing,
  {
    name: 'no directory sync after a new log is created',
    file: 'src/engine/log.ts',
    from: '      fileSystem.syncDirectory(walDirectory(directory));\n',
    to: '',
    caughtBy: states,
  },
  {
    name: 'the parents of a new store are not synced',
    isForLong: true,
    file: 'src/engine/create.ts',
    from: '    syncParents(environment, directory, anchor);\n',
    to: '',
    caughtBy: states,
  },
  {
    name: 'a write is acknowledged before it is synced',
    file: 'src/engine/commit-queue.ts',
    from: '      if (needsSync) {',
    to: '      if (needsSync && writers < 0) {',
    caughtBy: states,
  },
  {
    name: 'a frame is published before the sync',
    isForLong: true,
    file: 'src/engine/commit-queue.ts',
    from: '      if (needsSync) {',
    to: '      file.publish(ordinal, FrameDurability.process);\n      if (needsSync) {',
    caughtBy: states,
  },
  {
    name: 'a sync counts for frames that were appended after it began',
    isForLong: true,
    file: 'src/engine/commit-queue.ts',
    from: '      file.publish(ordinal, needsSync',
    to: '      file.publish(generation.catchUp(() => {}).ordinal, needsSync',
    caughtBy: states,
  },
  {
    name: 'the end register can move backwards',
    file: 'src/wal/wal-file.ts',
    from: '    this.#fileSystem.write(this.#register, registerByte[durability], ordinal);\n',
    to: '    this.#fileSystem.write(this.#register, registerByte[durability], ordinal);\n    this.#fileSystem.truncate(this.#register, ordinal + 1);\n',
    caughtBy: states,
  },
  {
    name: 'no settling at open',
    file: 'src/engine/disk-engine.ts',
    from: '|| !files.log.needsSettling()',
    to: '|| files.log.needsSettling()',
    caughtBy: states,
  },
  {
    name: 'settling without writing the bytes again',
    isForLong: true,
    file: 'src/engine/generation.ts',
    from: '    if (durableFrames < upTo) {',
    to: '    if (durableFrames > upTo) {',
    caughtBy: failures,
  },
  {
    name: 'a failed sync is tried again',
    isForLong: true,
    file: 'src/wal/wal-file.ts',
    from: '    this.#failure ??= cause;\n    unsettledPaths.add(this.path);\n',
    to: '    void cause;\n',
    caughtBy: failures,
  },
  {
    name: 'logs are removed before the catalog has taken the segment',
    file: 'src/engine/flush.ts',
    from: '  const trimmed: WalRow[] = [];\n',
    to: '  const trimmed: WalRow[] = [];\n  removeLogs(files, sealed.map(keptRow));\n',
    caughtBy: states,
  },
  {
    name: 'merged segments are removed before the catalog has taken the new one',
    isForLong: true,
    file: 'src/engine/compaction.ts',
    from: '    const first = inputs[0]?.row.id;\n',
    to: '    const first = inputs[0]?.row.id;\n    for (const { row } of inputs) files.place.environment.fileSystem.remove(segmentPath(files.place.directory, row.id));\n',
    caughtBy: states,
  },
  {
    name: 'a segment is not synced',
    isForLong: true,
    file: 'src/segment/segment-output.ts',
    from: '      await this.#fileSystem.syncDataAsync(this.#open(), written - this.#synced);\n',
    to: '      await Promise.resolve();\n',
    caughtBy: states,
  },
  {
    name: 'the directory of segments is not synced',
    isForLong: true,
    file: 'src/engine/segment-build.ts',
    from: '    environment.fileSystem.syncDirectory(segmentDirectory(directory));\n',
    to: '',
    caughtBy: states,
  },
  {
    name: 'a seal counts before it is synced',
    file: 'src/engine/log.ts',
    from: '    this.publishAll(seal);\n',
    to: '    sealed.file.publish(seal.ordinal, FrameDurability.full);\n',
    caughtBy: states,
  },
  {
    name: 'a new log is not synced',
    isForLong: true,
    file: 'src/wal/wal-file.ts',
    from: '      fileSystem.write(log, first, 0);\n      fileSystem.syncData(log);\n',
    to: '      fileSystem.write(log, first, 0);\n',
    caughtBy: states,
  },
  {
    name: 'recovery cannot be repeated',
    file: 'src/engine/log.ts',
    from: "      if (!isDiskFull(error) && systemCode(error) !== 'EEXIST') throw error;",
    to: '      if (!isDiskFull(error)) throw error;',
    caughtBy: states,
  },
  {
    name: 'a file is removed although a seal may name it',
    isForLong: true,
    file: 'src/engine/log.ts',
    from: '      if (!mayBeWritten(error)) {',
    to: '      if (sealed.file.isSound) {',
    caughtBy: failures,
  },
  {
    name: 'half a batch is applied',
    file: 'src/wal/frame-walker.ts',
    from: `    if (bytes.length < total || bytes.readUInt32LE(total - 4) !== header.headerCrc) {
      return this.#end('invalid');
    }
    const payload = bytes.subarray(frameHeaderBytes, frameHeaderBytes + header.payloadBytes);
    if (crc32(payload, this.#file.header.salt) !== header.payloadCrc) return this.#end('invalid');
`,
    to: `    const payload = bytes.subarray(frameHeaderBytes, frameHeaderBytes + header.payloadBytes);\n`,
    caughtBy: histories,
  },
  {
    name: 'a frame is appended over one that another writer has not published yet',
    isForLong: true,
    file: 'src/engine/commit-queue.ts',
    from: 'let tail = files.catchUp();',
    to: 'let tail = files.log.refresh();',
    caughtBy: states,
  },
  {
    name: 'a seq is given twice',
    file: 'src/engine/log.ts',
    from: '      baseSeq: tail.seq,\n      lastNow',
    to: '      baseSeq: Math.max(0, tail.seq - 1),\n      lastNow',
    caughtBy: histories,
  },
  {
    name: 'a torn tail is cut without the lock',
    file: 'src/engine/disk-engine.ts',
    from: '    if (files === undefined || files.place.isReadOnly || !files.log.needsSettling()) return;\n',
    to: '    if (files === undefined || files.place.isReadOnly) return;\n    files.log.settle();\n    return;\n',
    caughtBy: { harness: 'race-stops', test: 'in the middle of its write', seed: 1, amount: 1 },
  },
  {
    name: 'a batch is made of one commit for each of its writes',
    isForLong: true,
    file: 'src/store.ts',
    from: '    return this.engine.commit({ writes, nowPerWrite });\n',
    to: `    const parts: Committed[] = [];
    for (const write of writes) parts.push(await this.engine.commit({ writes: [write], nowPerWrite }));
    return { timestamps: parts.flatMap(({ timestamps }) => timestamps), firstSeq: parts[0]!.firstSeq };\n`,
    caughtBy: kills,
  },
  {
    name: 'a lock is believed in that SQLite could open for reading alone',
    isForLong: true,
    file: 'src/catalog/lock.ts',
    from: 'if (!this.#isProven) this.#prove();',
    to: '',
    caughtBy: commandLine('set: EIO at openat'),
  },
  {
    name: 'a failed sync is told as if nothing had been written',
    isForLong: true,
    file: 'src/engine/commit-queue.ts',
    from: 'throw outcomeUnknown(error, uncommitted.generation.file.path);',
    to: 'throw error;',
    caughtBy: commandLine('set: EIO at fdatasync'),
  },
  {
    name: 'a log is sealed before there is another',
    isForLong: true,
    file: 'src/engine/log.ts',
    from: `      WalFile.create(fileSystem, directory, next, header, tail.ordinal >= manyFrames);
      fileSystem.syncDirectory(walDirectory(directory));
      place = this.#seal(sealed, tail, next);\n`,
    to: `      place = this.#seal(sealed, tail, next);
      WalFile.create(fileSystem, directory, next, header, tail.ordinal >= manyFrames);
      fileSystem.syncDirectory(walDirectory(directory));\n`,
    caughtBy: commandLine('snapshot: kill at pwrite64#3'),
  },
  {
    name: 'the first catalog is written in several transactions',
    isForLong: true,
    file: 'src/catalog/catalog.ts',
    from: '        this.#database.exec(schema);\n',
    to: '        this.#database.exec(`COMMIT; ${schema}; BEGIN`);\n',
    caughtBy: commandLine('first set: kill at ftruncate'),
  },
  {
    name: 'a reader leaves an interrupted commit of the catalog alone',
    isForLong: true,
    file: 'src/catalog/catalog.ts',
    from: '        undoInterrupted(this.path);\n',
    to: '        throw error;\n',
    caughtBy: {
      harness: 'strace',
      point: 'compact --full: kill at ftruncate#2 ',
      seed: 1,
      amount: 1,
    },
  },
  {
    name: 'the lock is dropped by a read of its file',
    file: 'src/catalog/lock.ts',
    from: '      this.#isHeld = true;\n',
    to: "      this.#isHeld = true;\n      process.getBuiltinModule('node:fs').readFileSync(this.path);\n",
    caughtBy: stops('while it judges holds'),
  },
  {
    name: 'a late frame of a writer that lost its lock is accepted',
    file: 'src/engine/log.ts',
    from: '      requireFree(file, tail);\n',
    to: '',
    caughtBy: stops('judges anew'),
  },
  {
    name: 'readers look beyond the end register',
    file: 'src/engine/generation.ts',
    from: 'if (this.#trustsChain) return this.#wholeChain(committed);',
    to: 'if (this.file.header.salt >= 0) return this.#follow(Infinity, committed);',
    caughtBy: states,
  },
  {
    name: 'a reader shows what is not synced, where no restart can be told',
    isForLong: true,
    file: 'src/engine/generation.ts',
    from: 'if (this.#isBootUnknown && tail',
    to: 'if (this.#isBootUnknown && tail.ordinal < 0 && tail',
    caughtBy: states,
  },
  {
    name: 'the catalog is kept as SQLite does by default',
    file: 'src/catalog/catalog.ts',
    from: `journal_mode = TRUNCATE', { simple: true });
  database.pragma('synchronous = EXTRA');
  const synchronous = database.pragma('synchronous', { simple: true });
  if (journal !== 'truncate' || synchronous !== 3) {`,
    to: `journal_mode = DELETE', { simple: true });
  database.pragma('synchronous = FULL');
  const synchronous = database.pragma('synchronous', { simple: true });
  if (journal !== 'delete' || synchronous !== 2) {`,
    caughtBy: cuts,
  },
  {
    name: 'a short write is accepted',
    isForLong: true,
    file: 'src/disk/file-system.ts',
    from: '    if (written !== bytes.length) {',
    to: '    if (written === 0) {',
    caughtBy: fullDisks,
  },
  {
    name: 'tombstones are dropped by flush and merge',
    file: 'src/engine/segment-build.ts',
    from: 'writer.addFrom(row, !isFirst && row.staysOnKey);',
    to: 'if (row.kind !== 2) writer.addFrom(row, false);',
    caughtBy: histories,
  },
  {
    name: 'a read falls through an expired version',
    file: 'src/engine/memtable.ts',
    from: 'this.timestampOf(node) <= timestamp && this.seqOf(node) <= seqMax) return node;',
    to: 'this.timestampOf(node) <= timestamp && this.seqOf(node) <= seqMax && timestamp < this.expiresAtOf(node)) return node;',
    caughtBy: histories,
  },
  {
    name: 'a merge forgets a neighbour',
    isForLong: true,
    file: 'src/engine/compaction.ts',
    from: 'new MergeCursor(readers.flatMap(',
    to: 'new MergeCursor(readers.slice(1).flatMap(',
    caughtBy: histories,
  },
  {
    name: 'a refusal is told before what it saw is published',
    isForLong: true,
    file: 'src/engine/commit-queue.ts',
    from: 'outcome.uncommitted = log.unpublished(tail);',
    to: 'void tail;',
    caughtBy: histories,
  },
  {
    name: 'the chain of frames is not looked at',
    file: 'src/wal/frame-walker.ts',
    from: '    header.previousCrc === tail.crc &&\n',
    to: '',
    caughtBy: { harness: 'flip', test: 'files gone', seed: 1, amount: 0.001 },
  },
  {
    name: 'the checksum of a block is not looked at',
    isForLong: true,
    file: 'src/segment/segment-file.ts',
    from: '    return this.#checksums.of(bytes, offset) === checksum;\n',
    to: '    return bytes.length >= 0;\n',
    caughtBy: { harness: 'flip', test: 'each byte', seed: 1, amount: 0.01 },
  },
];
