/**
 * Writes docs/api.md, the reference of the library, from the docstrings of what its two doors export;
 * or with --check fails where it says something else, or where something has no docstring.
 *
 *   node .ci/api.mjs [--check] [ROOT]
 */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { brought } from './brought.mjs';

const args = process.argv.slice(2);
const isCheck = args.includes('--check');
const root = resolve(
  args.find((arg) => !arg.startsWith('--')) ?? join(dirname(fileURLToPath(import.meta.url)), '..'),
);
const doors = [
  ['timekv', 'src/index.ts'],
  ['timekv/keyv', 'src/keyv.ts'],
];

const program = ts.createProgram(
  doors.map(([, file]) => join(root, file)),
  {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
  },
);
const checker = program.getTypeChecker();
const undocumented = [];
/** Declarations that a door exports, and types that have been shown. */
const exported = new Set();
const shown = new Set();

/** What stands at a declaration, without the stars: its text, and the texts of its tags by name. */
function docOf(node) {
  const tags = new Map();
  for (const tag of ts.getJSDocTags(node)) {
    const name = tag.tagName.text;
    const subject = ts.isJSDocParameterTag(tag) ? `\`${tag.name.getText()}\`: ` : '';
    const text = subject + flowing(ts.getTextOfJSDocComment(tag.comment) ?? '');
    tags.set(name, [...(tags.get(name) ?? []), text]);
  }
  const comment = node.jsDoc?.at(-1)?.comment;
  return { text: (ts.getTextOfJSDocComment(comment) ?? '').trim(), tags };
}

/** On one line, with Markdown's own signs left alone. */
function flowing(text) {
  return text.replaceAll(/\s*\n\s*/g, ' ').trim();
}

function isPublic(member) {
  const modifiers = ts.getCombinedModifierFlags(member);
  if (modifiers & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) return false;
  if (member.name !== undefined && ts.isPrivateIdentifier(member.name)) return false;
  const { text, tags } = docOf(member);
  return !tags.has('internal') && !text.startsWith('Not for users');
}

/** A declaration as it is written, without its body and its docstring. */
function signature(node) {
  return node
    .getSourceFile()
    .text.slice(node.getStart(), node.body?.getStart() ?? node.end)
    .replace(/^(?:export |async |override )*/, '')
    .replaceAll(/\n {2}/g, ts.isClassElement(node) ? '\n' : '\n  ')
    .replace(/[\s;]*$/, '');
}

function described(node, name) {
  const { text, tags } = docOf(node);
  if (text === '') undocumented.push(name);
  const lines = [];
  const list = (label, texts = []) => {
    for (const each of texts) lines.push(`- ${label}${each}`);
  };
  list('', tags.get('param'));
  list('Returns ', tags.get('returns'));
  list('Throws ', tags.get('throws'));
  return [
    ...(text === '' ? [] : [paragraphs(text)]),
    ...(lines.length === 0 ? [] : [lines.join('\n')]),
  ];
}

/** Docstrings are set as Markdown; an indented piece of them is an example. */
function paragraphs(text) {
  return text
    .split('\n\n')
    .map((part) =>
      part.startsWith('  ')
        ? `\`\`\`ts\n${part.replaceAll(/^ {2}/gm, '')}\n\`\`\``
        : part.replaceAll(/\n(?!- )/g, ' '),
    )
    .join('\n\n');
}

const code = (text) => `\`\`\`ts\n${text}\n\`\`\``;

function functionPage(name, declarations) {
  // Overloads that are documented by the first one, without what only implements them.
  const all = declarations.length === 1 ? declarations : declarations.filter(({ body }) => !body);
  const documented = all.find((node) => docOf(node).text !== '') ?? all[0];
  return [`### ${name}`, code(all.map(signature).join('\n\n')), ...described(documented, name)];
}

/** Of the class and those that it extends; what is overridden once. */
function membersOf(node) {
  const parent = node.heritageClauses
    ?.filter(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)
    .flatMap(({ types }) => types)
    .map(({ expression }) => checker.getSymbolAtLocation(expression))
    .map((symbol) => original(symbol)?.declarations?.find(ts.isClassDeclaration))
    .find((declaration) => declaration?.getSourceFile().fileName.startsWith(join(root, 'src')));
  const inherited = parent === undefined ? [] : membersOf(parent);
  const own = node.members.filter(isPublic);
  const names = new Set(own.map((member) => memberName(member)));
  return [...own, ...inherited.filter((member) => !names.has(memberName(member)))];
}

function memberName(member) {
  const { name } = member;
  if (name === undefined) return 'constructor';
  return (ts.isComputedPropertyName(name) ? name.expression : name).getText();
}

function classPage(name, node) {
  const pages = membersOf(node).flatMap((member) => {
    const own = memberName(member);
    const title = ts.isMethodDeclaration(member) ? `${own}()` : own;
    return [
      `#### ${name}: ${title}`,
      code(signature(member)),
      ...described(member, `${name}.${own}`),
    ];
  });
  return [`### ${name}`, ...described(node, name), ...pages];
}

/** Types are shown as they are written, with their comments; so are those of ours that they name. */
function typePage(name, node, level = '###') {
  shown.add(node);
  const { text } = docOf(node);
  const source = node.getSourceFile().text.slice(node.getStart(), node.end);
  const named = namedIn(node).filter((other) => !exported.has(other) && !shown.has(other));
  return [
    `${level} ${name}`,
    ...(text === '' ? [] : [paragraphs(text)]),
    code(source.replace(/^export /, '')),
    ...named.flatMap((other) => typePage(other.name.text, other, '####')),
  ];
}

/** The declarations in src that a type names. */
function namedIn(node) {
  const found = new Set();
  const visit = (inner) => {
    if (ts.isIdentifier(inner)) {
      const [declaration] = original(checker.getSymbolAtLocation(inner))?.declarations ?? [];
      if (declaration !== undefined && isTypeOfOurs(declaration)) found.add(declaration);
    }
    ts.forEachChild(inner, visit);
  };
  visit(node);
  found.delete(node);
  return [...found];
}

function isTypeOfOurs(node) {
  if (!node.getSourceFile().fileName.startsWith(join(root, 'src'))) return false;
  return ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
}

function constantPage(name, node) {
  const statement = node.parent.parent;
  const source = statement.getSourceFile().text.slice(statement.getStart(), statement.end);
  return [`### ${name}`, ...described(statement, name), code(source.replace(/^export /, ''))];
}

function original(symbol) {
  return symbol !== undefined && symbol.flags & ts.SymbolFlags.Alias
    ? checker.getAliasedSymbol(symbol)
    : symbol;
}

function exportsOf(file) {
  const source = program.getSourceFile(join(root, file));
  return checker.getExportsOfModule(checker.getSymbolAtLocation(source)).map((symbol) => {
    return { name: symbol.name, declarations: original(symbol).declarations };
  });
}

/** What a door exports: functions, classes and constants first, then types, each in its own order. */
function doorPages([title, file]) {
  const kinds = { calls: [], types: [] };
  for (const { name, declarations } of exportsOf(file)) {
    const [node] = declarations;
    if (ts.isFunctionDeclaration(node)) kinds.calls.push(functionPage(name, declarations));
    else if (ts.isClassDeclaration(node)) kinds.calls.push(classPage(name, node));
    else if (ts.isVariableDeclaration(node)) kinds.calls.push(constantPage(name, node));
    else kinds.types.push(typePage(name, node));
  }
  return [`## ${title}`, ...kinds.calls.flat(), ...kinds.types.flat()];
}

for (const [, file] of doors) {
  for (const { declarations } of exportsOf(file)) exported.add(declarations[0]);
}
const pages = [
  '# The library',
  'Made from the docstrings of the sources. The [guides](guides/README.md) say how its parts are used together.',
  ...doors.flatMap(doorPages),
];
if (undocumented.length > 0) {
  console.error(`without a docstring: ${undocumented.join(', ')}`);
  process.exitCode = 1;
}
await brought({ root, file: 'docs/api.md', text: pages.join('\n\n'), isCheck });
