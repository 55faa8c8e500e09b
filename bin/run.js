#!/usr/bin/env node
'use strict';

// CommonJS, unlike all the rest (package.json beside this file): to start Node's loader of modules
// costs a command one part in twenty.
const { setFlagsFromString } = require('node:v8');

// V8 would let its young generation grow to 32 or 64 MiB, whatever the memory tier is. That is for
// the program to decide, and here the program is ours (docs/decisions/0005-memory.md).
setFlagsFromString('--semi-space-growth-factor=1');
// And it would forget the compiled code of what has not run for a while, such as all of a long
// command's start: that is what the code cache is for. (Before any of it, since V8 tells caches that
// were made with other flags from its own.)
setFlagsFromString('--no-flush-bytecode');

require('../dist/bundle/src/cli/code-cache.cjs').useCodeCache();
void require('../dist/bundle/src/cli/main.cjs').main();
