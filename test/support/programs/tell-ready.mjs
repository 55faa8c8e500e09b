// Loaded before a program (node --import): says on stderr when it listens to SIGTERM.
import { writeSync } from 'node:fs';

process.on('newListener', (event) => {
  if (event === 'SIGTERM') process.nextTick(() => writeSync(2, 'listens to signals\n'));
});
