// Takes a lock file of a store, says so, and keeps it until it is killed.
import { KernelLock } from '../../../dist/src/catalog/lock.js';
import { say } from './answer.mjs';

const { path } = JSON.parse(process.argv[2]);
const lock = KernelLock.open(path, 5000);
await lock.acquire(5000);
say('held');
setInterval(() => lock.isHeld, 1000);
