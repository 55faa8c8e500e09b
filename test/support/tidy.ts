/**
 * The house rules as pure functions: a tree of source files in, a list of faults out. What oxlint
 * can say (`.oxlintrc.json`) is not said here again, except the bounds that must never be loosened
 * by an override.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, posix, sep } from 'node:path';
import ts from 'typescript';

/** Path from the repository's root, with `/`, to the file's text. */
export type Tree = ReadonlyMap<string, string>;

/** Rooms of the house and the floor each is on: see DESIGN.md, section 1. */
const floors: Readonly<Record<string, number>> = {
  'src/base': 0,
  'src/packed': 1,
  'src/disk': 1,
  'src/wal': 2,
  'src/segment': 2,
  'src/catalog': 2,
  'src/engine': 3,
  src: 4,
  'src/cli': 5,
  'src/http': 6,
  commands: 7,
  bin: 7,
};
const cliFloor = 5;

/** The rooms within the command line's, and their floors there; its own files stand in the middle. */
const cliFloors: Readonly<Record<string, number>> = {
  'src/cli/base': 0,
  'src/cli/time': 1,
  'src/cli/display': 1,
  'src/cli/input': 2,
  'src/cli': 3,
  'src/cli/batch': 4,
  'src/cli/browse': 4,
  'src/cli/editor': 4,
  'src/cli/repl': 5,
};
const door = 'src/index.ts';

/** Stands for an import whose target is worked out while running: no floor can be told. */
const computed = 'a computed path';

/** What may be used in one place only: a module, or a global name. */
const modulePlaces: Readonly<Record<string, readonly string[]>> = {
  fs: ['src/disk', 'src/cli', 'src/http'],
  'fs/promises': ['src/disk', 'src/cli'],
  'better-sqlite3': ['src/catalog'],
  crypto: ['src/cli', 'src/http'],
  fastify: ['src/http'],
  keyv: ['src/keyv.ts'],
  process: ['src/cli', 'commands', 'bin'],
  perf_hooks: ['src/cli', 'commands', 'bin'],
  // The commands are found as files, and only the one that was asked for is loaded.
  [computed]: ['src/cli/command-table.ts'],
};
const globalPlaces: Readonly<Record<string, readonly string[]>> = {
  Date: ['src/base/clock.ts'],
  performance: [],
  'Math.random': [],
  // Its clock is there from the start; Node's version tells which SQLite can be loaded, and how
  // streams of zlib are made; and what is needed rarely and slow to load is loaded only then.
  process: [
    'src/base/clock.ts',
    'src/base/node-version.ts',
    'src/catalog/binding.ts',
    'src/segment/paused-file.ts',
    'src/segment/zlib-stream.ts',
  ],
  console: [],
  crypto: ['src/base/identity.ts'],
  // The one thing that all copies of timekv in a thread share.
  globalThis: ['src/catalog/owners.ts'],
};
const baseModules = ['zlib', 'buffer'];
const linesMax = 400;
const unfinished = /\b(T[O]DO|F[I]XME|X[X]X)\b/;

interface Import {
  from: string;
  typeOnly: boolean;
}

/** Every source file below the given folders of the root. */
export function readTree(root: string, folders: readonly string[]): Tree {
  const tree = new Map<string, string>();
  for (const folder of folders) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(ts|js|mjs)$/.test(name)) continue;
      const path = `${folder}/${name.split(sep).join('/')}`;
      tree.set(path, readFileSync(join(root, path), 'utf8'));
    }
  }
  return tree;
}

/** What is wrong with the tree: one line a fault, each beginning with its file. */
export function faultsOf(tree: Tree): string[] {
  const faults: string[] = [];
  for (const [path, text] of tree) {
    faults.push(...textFaults(path, text));
    const source = parse(path, text);
    if (path.startsWith('test/')) {
      faults.push(...focusFaults(path, source));
    } else {
      faults.push(...importFaults(path, importsOf(source), tree), ...globalFaults(path, source));
    }
  }
  return [...faults, ...cycleFaults(edgesOf(tree))];
}

/** The imports between files of the tree, outside its tests. */
export function edgesOf(tree: Tree): Map<string, string[]> {
  const edges = new Map<string, string[]>();
  for (const [path, text] of tree) {
    if (path.startsWith('test/')) continue;
    const targets = importsOf(parse(path, text)).map(({ from }) => resolve(path, from));
    edges.set(
      path,
      targets.filter((target) => tree.has(target)),
    );
  }
  return edges;
}

function textFaults(path: string, text: string): string[] {
  const lines = text.split('\n').length - 1;
  const faults = lines > linesMax ? [`${path} has ${lines} lines, more than ${linesMax}`] : [];
  const word = unfinished.exec(text)?.[0];
  return word === undefined ? faults : [...faults, `${path} is unfinished: ${word}`];
}

function importFaults(path: string, imports: readonly Import[], tree: Tree): string[] {
  const room = roomOf(path);
  const floor = floors[room];
  if (floor === undefined || (floor === cliFloor && cliFloors[dirname(path)] === undefined)) {
    return [`${path} lies in no room of the house`];
  }
  const faults: string[] = [];
  for (const { from, typeOnly } of imports) {
    if (!from.startsWith('.')) {
      faults.push(...moduleFaults(path, floor, from));
      continue;
    }
    const target = resolve(path, from);
    if (!tree.has(target)) faults.push(`${path} imports ${from}, which is not there`);
    else if (!mayImport(path, target, typeOnly)) faults.push(`${path} must not import ${target}`);
  }
  return faults;
}

function mayImport(path: string, target: string, typeOnly: boolean): boolean {
  const room = roomOf(path);
  const targetRoom = roomOf(target);
  if (targetRoom === room) return room !== 'src/cli' || mayImportInCli(path, target);
  const floor = floors[room] ?? 0;
  if (floor === cliFloor) return target === door;
  if (floor > cliFloor) {
    if (target === door) return typeOnly;
    return (floors[targetRoom] ?? Infinity) >= cliFloor && (floors[targetRoom] ?? 0) < floor;
  }
  return (floors[targetRoom] ?? Infinity) < floor;
}

function mayImportInCli(path: string, target: string): boolean {
  const [room, targetRoom] = [dirname(path), dirname(target)];
  return targetRoom === room || (cliFloors[targetRoom] ?? Infinity) < (cliFloors[room] ?? 0);
}

function moduleFaults(path: string, floor: number, from: string): string[] {
  const name = from.replace(/^node:/, '');
  const places = modulePlaces[name];
  const allowed =
    places !== undefined
      ? places.some((place) => isWithin(path, place))
      : floor >= cliFloor || (isBuiltin(name) && (floor > 0 || baseModules.includes(name)));
  return allowed ? [] : [`${path} must not import ${from}`];
}

function globalFaults(path: string, source: ts.SourceFile): string[] {
  if ((floors[roomOf(path)] ?? 0) >= cliFloor) return [];
  const faults: string[] = [];
  walk(source, (node) => {
    const name = globalName(node);
    const isListed = name !== undefined && Object.hasOwn(globalPlaces, name);
    const places = isListed ? globalPlaces[name] : undefined;
    if (places !== undefined && !places.includes(path)) faults.push(`${path} must not use ${name}`);
  });
  return faults;
}

/** The global that the node reads, if it is one that could be banned. Types and `instanceof` read none. */
function globalName(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const text = node.getText();
    return text === 'Math.random' ? text : undefined;
  }
  if (!ts.isIdentifier(node)) return undefined;
  const { parent } = node;
  const isJustName =
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    ((ts.isPropertyAssignment(parent) || ts.isClassElement(parent) || ts.isTypeElement(parent)) &&
      parent.name === node);
  const isTypeTest =
    ts.isBinaryExpression(parent) &&
    parent.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword &&
    parent.right === node;
  return isJustName || isTypeTest || ts.isTypeReferenceNode(parent) ? undefined : node.text;
}

function focusFaults(path: string, source: ts.SourceFile): string[] {
  const faults: string[] = [];
  walk(source, (node) => {
    if (!ts.isPropertyAccessExpression(node) || !/^(only|skip|todo)$/.test(node.name.text)) return;
    if (/^(it|test|describe|suite)\b/.test(node.expression.getText())) {
      faults.push(`${path} leaves tests out: ${node.getText()}`);
    }
  });
  return faults;
}

function cycleFaults(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const faults: string[] = [];
  const finished = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      faults.push(
        `${path} imports itself: ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}`,
      );
    } else if (!finished.has(path)) {
      for (const target of edges.get(path) ?? []) visit(target, [...trail, path]);
      finished.add(path);
    }
  };
  for (const path of edges.keys()) visit(path, []);
  return faults;
}

function importsOf(source: ts.SourceFile): Import[] {
  const imports: Import[] = [];
  walk(source, (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, isTypeOnly(node));
    } else if (ts.isCallExpression(node) && /^(import|require)$/.test(node.expression.getText())) {
      add(node.arguments[0], false);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, true);
    }
  });
  return imports;

  function add(specifier: ts.Node | undefined, typeOnly: boolean): void {
    if (specifier === undefined) return;
    const from = ts.isStringLiteralLike(specifier) ? specifier.text : computed;
    imports.push({ from, typeOnly });
  }
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => {
    walk(child, visit);
  });
}

/** The file of the tree that a relative import means: built code stands for its source. */
function resolve(path: string, from: string): string {
  const target = posix.join(dirname(path), from).replace(/^dist\/(bundle\/)?/, '');
  return target.startsWith('bin/') ? target : target.replace(/\.c?js$/, '.ts');
}

function roomOf(path: string): string {
  return path
    .split('/')
    .slice(0, path.startsWith('src/') ? -1 : 1)
    .slice(0, 2)
    .join('/');
}

function isWithin(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}
