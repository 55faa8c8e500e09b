// Loaded before a command: says in the end how many threads it has started.
import { subscribe } from 'node:diagnostics_channel';
import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

let threads = 0;
subscribe('worker_threads', () => (threads += 1));
if (isMainThread) process.on('exit', () => writeSync(2, `threads: ${threads}\n`));
