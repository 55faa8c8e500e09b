// What a program has to say to the test that started it: a line, or its answer as JSON.
import { writeSync } from 'node:fs';

export function say(line) {
  writeSync(1, `${line}\n`);
}

export function answer(value) {
  say(JSON.stringify(value));
}
