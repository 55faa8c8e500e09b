/** Loads what `timekv get` loads, as bin/run.js does, and ends. */
'use strict';

const { setFlagsFromString } = require('node:v8');

setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--no-flush-bytecode');

const bundle = '../../../dist/bundle';
require(`${bundle}/src/cli/code-cache.cjs`).useCodeCache();
for (const file of ['src/cli/main', 'commands/get']) require(`${bundle}/${file}.cjs`);
