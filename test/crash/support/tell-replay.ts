/** Loaded before each harness: whatever fails there tells how it is run again. */
import { basename } from 'node:path';
import { beforeEach } from 'vitest';
import { replayLine } from '../../support/harness.js';
import { say } from '../../support/say.js';

beforeEach(({ task, onTestFailed }) => {
  onTestFailed(() => {
    say(replayLine(basename(task.file.name, '.test.ts')));
  });
});
