#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { main } from '../dist/bundle/src/cli/main.js';

// V8 would let its young generation grow to 32 or 64 MiB, whatever the memory tier is. That is for
// the program to decide, and here the program is ours (docs/decisions/0005-memory.md).
setFlagsFromString('--semi-space-growth-factor=1');

await main();
