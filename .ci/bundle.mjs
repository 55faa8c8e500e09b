/**
 * Bundles the built command line and the library into dist/bundle, of which a start reads a few files
 * where it would read ten times as many (docs/decisions/0011-bundle.md). The files lie as they do in
 * dist: one a command.
 *
 *   node .ci/bundle.mjs [ROOT]
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const root = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..'));
const dist = join(root, 'dist');
const bundle = join(dist, 'bundle');
const sqlite = join(root, 'node_modules/better-sqlite3');

/** What is taken from where it was installed: SQLite, and what oclif would use in development. */
const external = ['better-sqlite3', 'better-sqlite3-13', 'typescript'];

/**
 * What of oclif only oclif's own runner calls, which is not ours (src/cli/command-line.ts): with it, every
 * command would load help, plugins and their search for files.
 */
const leftOut = {
  'command.js': ['./config', './help/util', './parser', './ux'],
  'flags.js': ['./help'],
  'errors/index.js': ['./handle'],
};

/** Each command asks for a logger when it is made, and a batch makes one for each line. */
const silent = '{ makeDebug: () => () => undefined }';

/**
 * oclif is CommonJS and requires all of itself at once. Here each module is run when it is first used:
 * `const a_1 = require("./a")` becomes a function, and each `a_1` a call of it.
 */
const lazyOclif = {
  name: 'lazy-oclif',
  transform(code, id) {
    const [, file] = /@oclif\/core\/lib\/(.*\.js)$/.exec(id) ?? [];
    if (file === undefined) return undefined;
    const absent = leftOut[file] ?? [];
    const names = [];
    const lazy = code.replace(
      /^(?:const|var) (\w+_\d+|Errors|Parser) = (\w*\(?require\("([^"]+)"\)\)?);$/gm,
      (_, name, call, path) => {
        names.push(name);
        const load = absent.includes(path) ? absence(`${path} of ${file}`) : `once ??= ${call}`;
        return `const ${name} = ((once) => () => ${path === './logger' ? `(${silent})` : load})();`;
      },
    );
    assertSeen(file, absent, code);
    const use = new RegExp(`(?<!const )\\b(?:${names.join('|')})\\b`, 'g');
    return { code: names.length === 0 ? code : lazy.replace(use, '($&())'), map: null };
  },
};

/** What of Fastify the server has no use for: schemas, a logger, requests without a network. */
const leftOutOfFastify = {
  'lib/schema-controller.js': ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler'],
  'lib/logger-pino.js': ['pino'],
  'fastify.js': ['light-my-request'],
};

const leanFastify = {
  name: 'lean-fastify',
  transform(code, id) {
    const [, file] = /\/node_modules\/fastify\/(.*\.js)$/.exec(id) ?? [];
    const absent = leftOutOfFastify[file] ?? [];
    let lean = code;
    for (const name of absent) {
      const call = `require('${name}')`;
      if (!code.includes(call)) throw new Error(`${file} has no ${call}`);
      lean = lean.replace(call, `(() => ${absence(`${name} of ${file}`)})()`);
    }
    return absent.length === 0 ? undefined : { code: lean, map: null };
  },
};

function absence(what) {
  return `{ throw new Error("timekv's bundle has no ${what}"); }`;
}

/** @throws if another oclif is built otherwise, and would bring back what is left out */
function assertSeen(file, absent, code) {
  for (const path of absent) {
    if (!code.includes(`require("${path}")`)) throw new Error(`${file} has no ${path}`);
  }
}

/**
 * Puts something else in the place of a piece of one built file, which must be there.
 * @param before goes before all of the file
 */
function replacing(file, piece, other, before = '') {
  return {
    name: `replacing ${piece}`,
    transform(code, id) {
      if (!id.endsWith(file)) return undefined;
      if (!code.includes(piece)) throw new Error(`${file} has no ${piece}`);
      return { code: before + code.replace(piece, other), map: null };
    },
  };
}

/**
 * The command line is CommonJS there, since Node 20 can keep what V8 has compiled of that alone
 * (src/cli/code-cache.ts): a command is required where the sources import it by its file's name.
 */
const commandByName = replacing(
  '/src/cli/command-table.js',
  'import(new URL(file, commandsDirectory).href)',
  'Promise.resolve(require(pathOfUrl(new URL(file, commandsDirectory))))',
  `import { fileURLToPath as pathOfUrl } from 'node:url';\n`,
);

/** The thread lies beside the library, for both. */
const threadBeside = replacing(
  '/src/engine/builder-thread.js',
  `new URL('./build-thread.js', import.meta.url)`,
  `new URL('../build-thread.js', import.meta.url)`,
);

function entries(...names) {
  return Object.fromEntries(names.map((name) => [name, join(dist, `${name}.js`)]));
}

function commands() {
  return readdirSync(join(dist, 'commands'))
    .filter((file) => file.endsWith('.js'))
    .map((file) => `commands/${file.slice(0, -3)}`);
}

/**
 * Of better-sqlite3 12 a dozen small files would be found, read and compiled at each start. (13 looks
 * for its addon beside its own.)
 */
const sqliteWithin = replacing(
  '/src/catalog/binding.js',
  'requireHere(bundledSqlite)',
  `require('better-sqlite3')`,
);

/** V8 keeps a source of ASCII alone in half the memory. */
function writeInAscii({ fileName, code }) {
  const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  writeFileSync(join(bundle, fileName), code.replace(/[^\0-\x7f]/g, escaped));
}

const common = {
  cwd: root,
  platform: 'node',
  external,
};

rmSync(bundle, { recursive: true, force: true });
const library = await build({
  ...common,
  input: entries('src/index'),
  output: { dir: bundle, entryFileNames: '[name].js', comments: false },
});
// Adapters stand before the library's door as its users do: beside its file.
const adapters = await build({
  ...common,
  external: ['./index.js'],
  input: { keyv: join(dist, 'src/keyv.js') },
  output: { dir: join(bundle, 'src'), entryFileNames: '[name].js', comments: false },
});
const thread = await build({
  ...common,
  input: { 'src/build-thread': join(dist, 'src/engine/build-thread.js') },
  output: { dir: bundle, entryFileNames: '[name].js', comments: false },
});
// By itself, since whatever is loaded with it cannot come from the cache.
const codeCache = await build({
  ...common,
  input: entries('src/cli/code-cache'),
  output: { dir: bundle, format: 'cjs', entryFileNames: '[name].cjs', comments: false },
});
const commandLine = await build({
  ...common,
  // It is optional, and cannot be compiled on every Node.
  external: existsSync(sqlite) ? external.filter((name) => name !== 'better-sqlite3') : external,
  input: entries('src/cli/main', ...commands()),
  plugins: [lazyOclif, leanFastify, commandByName, threadBeside, sqliteWithin],
  output: {
    dir: bundle,
    format: 'cjs',
    exports: 'named',
    entryFileNames: '[name].cjs',
    // Beside main.cjs: what finds files by its own place finds them there too.
    chunkFileNames: 'src/cli/[name].cjs',
    // What many commands share is one file: to find and read a small one costs more than its lines.
    codeSplitting: { groups: [{ name: 'common', minShareCount: 3 }] },
    // Not minified: that would gain a hundredth, and lose what a stack trace says.
    comments: false,
  },
});
for (const chunk of commandLine.output) writeInAscii(chunk);
const output = [library, adapters, thread, codeCache, commandLine].flatMap((built) => built.output);

/** The packages that went into the bundle, whose licences ask to be passed on. */
function licences() {
  const ids = output.flatMap((chunk) => chunk.moduleIds ?? []);
  const inPackage = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;
  const folders = new Set(ids.flatMap((id) => inPackage.exec(id) ?? []));
  return [...folders].toSorted().map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    );
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
    return `${name} ${version}, ${license}\n${text}`;
  });
}

writeFileSync(join(bundle, 'LICENCES.txt'), licences().join(`\n${'-'.repeat(72)}\n\n`));
console.log(`wrote ${relative(root, bundle)}: ${output.length} files`);
