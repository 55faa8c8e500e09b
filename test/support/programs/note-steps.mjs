// Loaded before a program (node --import): notes in a file, which outlives a kill, which step of a
// commit the process is at, and lingers there at random, so that kills come at every step alike.
// Now and then an append is made in two halves, as a kill in the middle of one would leave it.
// Only a commit counts: what opening a store does, which is to settle what another has left, is not
// noted, and neither is the time between the answer to one commit and the next one.
import fs, { writeSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const original = { ...fs };
const file = original.openSync(process.env.TIMEKV_NOTE_STEPS_IN, 'r+');
const lingerMs = 2;
const kinds = new Map();
let current = 0;

function note(reached) {
  current = reached;
  original.writeSync(file, Buffer.from([reached]), 0, 1, 0);
  const ms = (Math.random() * 2 - 1) * lingerMs;
  if (ms > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

// The same numbers as `steps` in test/crash/support/killing.ts.
const step = { none: 0, begun: 1, half: 2, appended: 3, synced: 4, published: 5, maintaining: 6 };

// A commit asks for the time when it has the lock and judges its conditions; nothing that these
// programs do before their first commit asks for it.
const { now } = Date;
let hasBegun = false;
Date.now = () => {
  if (!hasBegun) original.writeSync(file, Buffer.from([1]), 0, 1, 1);
  hasBegun = true;
  if (current !== step.begun) note(step.begun);
  return now();
};

function noteInCommit(reached) {
  if (hasBegun) note(reached);
}

// What was answered is over. Another commit may be on its way already: its own step stays.
function noteAnswered() {
  if (current === step.published) note(step.none);
}

fs.openSync = (path, flags, mode) => {
  const descriptor = original.openSync(path, flags, mode);
  const ending = /\.(wal|end|seg)$/.exec(path)?.[1];
  if (ending === undefined) return descriptor;
  const kind = flags === 'wx+' ? 'new' : ending;
  kinds.set(descriptor, kind);
  if (kind === 'new') noteInCommit(step.maintaining);
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
  noteInCommit(step.half);
  original.writeSync(descriptor, bytes, offset + half, length - half, position + half);
  return length;
}

fs.writeSync = (descriptor, bytes, ...where) => {
  const kind = kinds.get(descriptor);
  const written =
    kind === 'wal' && Math.random() < 0.3
      ? writeInTwo(descriptor, bytes, where)
      : original.writeSync(descriptor, bytes, ...where);
  if (kind === 'wal') noteInCommit(step.appended);
  else if (kind === 'end') noteInCommit(step.published);
  else if (kind === 'new') noteInCommit(step.maintaining);
  else if (descriptor === 1) noteAnswered();
  return written;
};

function noteSynced(descriptor) {
  const kind = kinds.get(descriptor);
  if (kind === 'wal') noteInCommit(step.synced);
  else if (kind === 'new') noteInCommit(step.maintaining);
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
  noteAnswered();
  return goesOn;
};

if (writeSync === original.writeSync) throw new Error('the steps of a commit are not seen');
