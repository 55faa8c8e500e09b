/**
 * Measures timekv beside what else does the same work, and says which wanted figures were met.
 *
 *   npm run bench -- [engine] [cli] [http] [--only WORDS] [--quick] [--json FILE]
 *   npm run bench -- --large
 *
 * Without a part: all of them. `--large`: stores far larger than memory, which takes an hour. `--only` takes the works of a part whose name contains the words.
 * docs/performance.md says what is measured, and how.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { cli } from './cli/works.mjs';
import { engine, engineLarge } from './engine/works.mjs';
import { http } from './http/works.mjs';
import { describeMachine } from './support/machine.mjs';
import { Results } from './support/results.mjs';
import { makeWorkplace } from './support/workplace.mjs';

const parts = { engine, cli, http };
const large = { large: engineLarge };

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    large: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    json: { type: 'string' },
  },
});
const unknown = positionals.find((name) => !Object.hasOwn(parts, name));
if (unknown !== undefined) {
  console.error(`there is no part ${unknown}; the parts are: ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}
const chosen = options.large ? large : parts;
const names = positionals.length === 0 || options.large ? Object.keys(chosen) : positionals;

const startedAt = new Date();
const workplace = makeWorkplace();
const machine = describeMachine(workplace.path);
const results = new Results();
const bench = { workplace, results, isQuick: options.quick };

console.log(machine.text);
for (const name of names) {
  for (const work of chosen[name].filter((one) => one.name.includes(options.only))) {
    const start = performance.now();
    await work.measure(bench);
    console.log(`measured ${work.name} in ${((performance.now() - start) / 1000).toFixed(0)} s`);
    if (work.leaves !== true) workplace.empty();
  }
  workplace.empty();
}
console.log(`\n${results.table()}\n`);

const stamp = startedAt.toISOString().slice(0, 19).replaceAll(':', '');
const file =
  options.json ?? join(import.meta.dirname, 'results', `${names.join('-')}-${stamp}.json`);
mkdirSync(dirname(file), { recursive: true });
const report = { startedAt, parts: names, isQuick: options.quick, machine, ...results.toJSON() };
writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
console.log(`as JSON: ${file}`);
