#!/usr/bin/env node
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';

// V8 would let its young generation grow to 32 or 64 MiB, whatever the memory tier is. That is for
// the program to decide, and here the program is ours (docs/decisions/0005-memory.md).
setFlagsFromString('--semi-space-growth-factor=1');
// And it would forget the compiled code of what has not run for a while, such as all of a long
// command's start: that is what the code cache is for. (Before any of it, since V8 tells caches that
// were made with other flags from its own.)
setFlagsFromString('--no-flush-bytecode');

const require = createRequire(import.meta.url);
require('../dist/bundle/src/cli/code-cache.cjs').useCodeCache();
await require('../dist/bundle/src/cli/main.cjs').main();
