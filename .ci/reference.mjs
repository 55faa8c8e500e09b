/**
 * Writes the list of commands in README.md and all their help pages in docs/commands.md, from the
 * commands as they are built; or with --check fails where they say something else.
 *
 *   node .ci/reference.mjs [--check] [ROOT]
 */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brought } from './brought.mjs';

// oclif asks for these when it is loaded; the pages are the same wherever they are made.
process.env.OCLIF_COLUMNS = '100';
process.env.NO_COLOR = '1';

const args = process.argv.slice(2);
const isCheck = args.includes('--check');
const root = resolve(
  args.find((arg) => !arg.startsWith('--')) ?? join(dirname(fileURLToPath(import.meta.url)), '..'),
);
const help = await import(pathToFileURL(join(root, 'dist/src/cli/help.js')).href);
const { commands } = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8'));

const begin = '<!-- commands: begin (made by npm run manifest) -->';
const end = '<!-- commands: end -->';

function signature(name) {
  const positional = Object.values(commands[name].args).map((arg) =>
    arg.required ? arg.name.toUpperCase() : `[${arg.name.toUpperCase()}]`,
  );
  return [name, ...positional].join(' ');
}

/** Options of the command's own, in the order in which they were declared. */
function ownOptions(name) {
  const flags = Object.values(commands[name].flags).filter((flag) => flag.helpGroup !== 'COMMON');
  return flags.map((flag) => `\`--${flag.name}\``).join(' ');
}

function table() {
  const rows = Object.keys(commands).map((name) => {
    const what = commands[name].summary.replaceAll('|', '\\|');
    return `| [\`${signature(name)}\`](docs/commands.md#${name}) | ${what} | ${ownOptions(name)} |`;
  });
  return ['| command | what it does | options of its own |', '| --- | --- | --- |', ...rows].join(
    '\n',
  );
}

/** The help page without the options that all commands have, which stand once. */
async function page(name) {
  const text = await help.helpPage(name);
  const own = text.replace(/^COMMON FLAGS\n(?: .*\n)+\n?/m, '').trimEnd();
  return `## ${name}\n\n\`\`\`text\n${own}\n\`\`\`\n`;
}

async function reference() {
  const common = /^COMMON FLAGS\n((?: .*\n)+)/m.exec(await help.helpPage('get'))?.[1] ?? '';
  const pages = await Promise.all(Object.keys(commands).map(page));
  const time = await help.helpPage('time');
  return [
    '# Commands',
    'Made from what `timekv help COMMAND` prints. Every command also has these options:',
    `\`\`\`text\n${common.trimEnd()}\n\`\`\``,
    ...pages,
    '## Times and durations',
    `\`\`\`text\n${time.trimEnd()}\n\`\`\``,
  ].join('\n\n');
}

function withTable(readme) {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from === -1 || to < from)
    throw new Error(`README.md has no place for the commands: ${begin}`);
  return `${readme.slice(0, from + begin.length)}\n\n${table()}\n\n${readme.slice(to)}`;
}

const readme = withTable(readFileSync(join(root, 'README.md'), 'utf8'));
await brought({ root, file: 'README.md', text: readme, isCheck });
await brought({ root, file: 'docs/commands.md', text: await reference(), isCheck });
