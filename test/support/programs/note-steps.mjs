// Loaded before a program (node --import): notes in a file, which outlives a kill, which step of a
// commit the process is at, and lingers there at random, so that kills come at every step alike.
// Now and then an append is made in two halves, as a kill in the middle of one would leave it.
import fs, { writeSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const original = { ...fs };
const file = original.openSync(process.env.TIMEKV_NOTE_STEPS_IN, 'r+');
const lingerMs = 2;
const kinds = new Map();

function note(step) {
  original.writeSync(file, Buffer.from([step]), 0, 1, 0);
  const ms = (Math.random() * 2 - 1) * lingerMs;
  if (ms > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

// The same numbers as `steps` in test/crash/support/killing.ts.
const step = { begun: 1, half: 2, appended: 3, synced: 4, published: 5, maintaining: 6 };

fs.openSync = (path, flags, mode) => {
  const descriptor = original.openSync(path, flags, mode);
  const ending = /\.(wal|end|seg)$/.exec(path)?.[1];
  if (ending === undefined) return descriptor;
  const kind = flags === 'wx+' ? 'new' : ending;
  kinds.set(descriptor, kind);
  note(kind === 'new' ? step.maintaining : step.begun);
  return descriptor;
};

fs.closeSync = (descriptor) => {
  kinds.delete(descriptor);
  original.closeSync(descriptor);
};

// As a write is made that the system has broken off half way.
function writeInTwo(descriptor, bytes, [offset, length, position]) {
  const half = Math.floor(length * Math.random());
  original.writeSync(descriptor, bytes, offset, half, position);
  note(step.half);
  original.writeSync(descriptor, bytes, offset + half, length - half, position + half);
  return length;
}

fs.writeSync = (descriptor, bytes, ...where) => {
  const kind = kinds.get(descriptor);
  const written =
    kind === 'wal' && Math.random() < 0.3
      ? writeInTwo(descriptor, bytes, where)
      : original.writeSync(descriptor, bytes, ...where);
  if (kind === 'wal') note(step.appended);
  else if (kind === 'end') note(step.published);
  else if (kind === 'new') note(step.maintaining);
  else if (descriptor === 1) note(step.begun); // What was answered is over, and the next is on its way.
  return written;
};

function noteSynced(descriptor) {
  const kind = kinds.get(descriptor);
  if (kind === 'wal') note(step.synced);
  else if (kind === 'new') note(step.maintaining);
}

fs.fdatasyncSync = (descriptor) => {
  original.fdatasyncSync(descriptor);
  noteSynced(descriptor);
};

fs.fdatasync = (descriptor, done) => {
  original.fdatasync(descriptor, (error) => {
    noteSynced(descriptor);
    done(error);
  });
};

syncBuiltinESMExports();

// The command line answers through the stream, which is a pipe here.
const { stdout } = process;
const write = stdout.write.bind(stdout);
stdout.write = (...args) => {
  const goesOn = write(...args);
  note(step.begun);
  return goesOn;
};

if (writeSync === original.writeSync) throw new Error('the steps of a commit are not seen');
