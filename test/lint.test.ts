/** Lints planted defects by the house's own configuration: a rule that does not fire protects nobody. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlantedPackage } from './support/planted-package.js';

const fiveParameters = `export const f = (a: number, b: number, c: number, d: number, e: number) => [a, b, c, d, e];`;

/** Each in a file of its own: where, the defect, and every rule that must fire on it. */
const planted: [path: string, text: string, ...rules: string[]][] = [
  [
    'src/engine/floating.ts',
    `import { open } from 'node:fs/promises';
     export function f(): void { open('x'); }`,
    'typescript(no-floating-promises)',
  ],
  [
    'src/engine/floating-write.ts',
    `import type { FileHandle } from 'node:fs/promises';
     export async function f(file: FileHandle): Promise<void> { file.write('x'); await file.sync(); }`,
    'typescript(no-floating-promises)',
  ],
  [
    'src/engine/misused.ts',
    `export function f(list: number[]): void { list.forEach(async (n) => { await Promise.resolve(n); }); }`,
    'typescript(no-misused-promises)',
  ],
  [
    'src/engine/switch.ts',
    `export function f(kind: 'a' | 'b'): number { switch (kind) { case 'a': return 1; } return 0; }`,
    'typescript(switch-exhaustiveness-check)',
  ],
  [
    'src/engine/return-await.ts',
    `export async function f(p: Promise<1>): Promise<number> { try { return p; } catch { return await p; } }`,
    'typescript(return-await)',
  ],
  [
    'src/engine/require-await.ts',
    `export async function f(): Promise<number> { return 1; }`,
    'typescript(require-await)',
  ],
  [
    'src/engine/await-thenable.ts',
    `export async function f(n: number): Promise<void> { await n; }`,
    'typescript(await-thenable)',
  ],
  [
    'src/engine/throw.ts',
    `export function f(): never { throw 'text'; }`,
    'typescript(only-throw-error)',
  ],
  [
    'src/engine/any.ts',
    `export function f(s: string): any { return s; }`,
    'typescript(no-explicit-any)',
  ],
  [
    'src/engine/unsafe-assignment.ts',
    `export function f(s: string): void { const x = JSON.parse(s); void x; }`,
    'typescript(no-unsafe-assignment)',
  ],
  [
    'src/engine/unsafe-argument.ts',
    `export function f(s: string): number { return Number.parseInt(JSON.parse(s), 10); }`,
    'typescript(no-unsafe-argument)',
  ],
  [
    'src/engine/unsafe-call.ts',
    `export function f(s: string): void { JSON.parse(s)(); }`,
    'typescript(no-unsafe-call)',
  ],
  [
    'src/engine/unsafe-member.ts',
    `export function f(s: string): boolean { return JSON.parse(s).x === 1; }`,
    'typescript(no-unsafe-member-access)',
  ],
  [
    'src/engine/unsafe-return.ts',
    `export function f(s: string): string { return JSON.parse(s); }`,
    'typescript(no-unsafe-return)',
  ],
  [
    'src/engine/condition.ts',
    `export function f(s: string): string { return s ?? ''; }`,
    'typescript(no-unnecessary-condition)',
  ],
  [
    'src/engine/non-null.ts',
    `export function f(s: string | undefined): string { return s!; }`,
    'typescript(no-non-null-assertion)',
  ],
  [
    'src/engine/sort.ts',
    `export function f(list: number[]): number[] { return list.sort(); }`,
    'typescript(require-array-sort-compare)',
  ],
  [
    'src/engine/cycle.ts',
    `import { b } from './cycle-back.js'; export const a = () => b;`,
    'import(no-cycle)',
  ],
  [
    'src/engine/cycle-back.ts',
    `import { a } from './cycle.js'; export const b = () => a;`,
    'import(no-cycle)',
  ],
  ['src/engine/default.ts', `export default 1;`, 'import(no-default-export)'],
  ['src/engine/long.ts', `${'//\n'.repeat(400)}export const a = 1;`, 'eslint(max-lines)'],
  [
    'src/engine/long-function.ts',
    `export function f(n: number): number {\n${'n += 1;\n'.repeat(69)}return n;\n}`,
    'eslint(max-lines-per-function)',
  ],
  ['src/engine/parameters.ts', fiveParameters, 'eslint(max-params)'],
  ['src/engine/console.ts', `console.log(1);`, 'eslint(no-console)'],
  [
    'src/engine/deprecated.ts',
    `export const f = (n: number): Buffer => new Buffer(n);`,
    'typescript(no-deprecated)',
  ],
  [
    'test/focused.test.ts',
    `import { expect, it } from 'vitest'; it.only('a', () => { expect(1).toBe(1); });`,
    'vitest(no-focused-tests)',
  ],
  ['test/idle.test.ts', `import { it } from 'vitest'; it('a', () => {});`, 'vitest(expect-expect)'],
  [
    'test/floating.test.ts',
    `import { open } from 'node:fs/promises'; import { expect, it } from 'vitest';
     it('a', () => { open('x'); expect(1).toBe(1); });`,
    'typescript(no-floating-promises)',
  ],
  // Types, of the tests too, which nothing else compiles.
  ['src/engine/type.ts', `export const a: number = 'text';`, 'typescript(TS2322)'],
  [
    'test/type.test.ts',
    `import { expect, it } from 'vitest'; it('a', () => { const b: number = 'text'; expect(b).toBe(1); });`,
    'typescript(TS2322)',
  ],
  [
    'test/needless.ts',
    `// @ts-expect-error -- nothing is wrong here
     export const a = 1;`,
    'typescript(TS2578)',
  ],
  // What the exceptions allow, and allow there only.
  ['src/disk/file-system.ts', fiveParameters],
  ['src/cli/say.ts', `console.log(1);`],
  ['commands/get.ts', `export default async function f(n: number): Promise<void> { await n; }`],
];

describe('the lint', () => {
  let house: PlantedPackage;
  let fired: ReadonlyMap<string, string[]>;

  beforeAll(async () => {
    house = new PlantedPackage();
    for (const [path, text] of planted) house.plant(path, text);
    house.copy('.oxlintrc.json', 'tsconfig.json', 'package.json', 'test/tsconfig.json');
    const program = 'node_modules/oxlint/bin/oxlint';
    const { stdout } = await house.run(program, ['--type-aware', '--type-check', '--format=json']);
    fired = rulesByFile(stdout);
  });

  afterAll(() => {
    house.remove();
  });

  it.each(planted)('judges %s as it should', (path, _text, ...rules) => {
    expect(fired.get(path) ?? []).toEqual(rules);
  });
});

/** From oxlint's report, as JSON. */
function rulesByFile(report: string): Map<string, string[]> {
  const { diagnostics } = JSON.parse(report) as {
    diagnostics: { code: string; filename: string }[];
  };
  const rules = new Map<string, string[]>();
  for (const { code, filename } of diagnostics) {
    rules.set(filename, [...(rules.get(filename) ?? []), code]);
  }
  return rules;
}
