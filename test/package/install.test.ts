/** The package, packed and installed as its users do: in a project and as a command, on each Node. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { packageRoot } from '../support/child.js';
import { isLong } from '../support/harness.js';
import { say } from '../support/say.js';
import { inShell, installGlobally, type Installed, installLibrary } from './support/projects.js';
import {
  run,
  type Runtime,
  running,
  runtimeOf,
  runWell,
  withoutCompiler,
} from './support/runtimes.js';
import { direct, manifest, pack, type Tarball } from './support/tarball.js';
import { compilerOptions, program, programPrints, typedProgram } from './support/user.js';

/** Of 12, 13 and what they bring; some above what there are. */
const mostPackages = 45;

interface Setting {
  node: string;
  /** The newest npm runs no install scripts: from Node 22 on none is needed. */
  npm: string;
  /** Nor a compiler. */
  withoutCompiler?: boolean;
}

const settings: Setting[] = [
  { node: running, npm: running },
  { node: '24.21.0', npm: '12.2.0' },
  { node: '24.21.0', npm: '11.19.1', withoutCompiler: true },
];
if (isLong) {
  settings.push(
    { node: '22.23.3', npm: '10.9.9' },
    { node: '24.21.0', npm: '11.19.1' },
    { node: '26.10.0', npm: '11.19.1', withoutCompiler: true },
    { node: '26.10.0', npm: '12.2.0' },
  );
}

const timeout = 20 * 60_000; // A compiler may be at work.

let tarball: Tarball;

beforeAll(async () => {
  tarball = await pack();
});

describe.each(settings)('on Node $node with npm $npm', (setting) => {
  let runtime: Runtime;
  let absent: string | undefined;
  let library: Installed;

  beforeAll(async () => {
    const got = await runtimeOf(setting.node, setting.npm);
    if ('absent' in got) absent = got.absent;
    else runtime = setting.withoutCompiler === true ? withoutCompiler(got.runtime) : got.runtime;
  }, timeout);

  /** What was not tried is told as such. */
  function need({ skip }: TestContext): void {
    if (absent === undefined) return;
    say(`PACKAGE: skipped on Node ${setting.node}: ${absent}`);
    skip(absent);
  }

  function tell(how: string, { packages, seconds }: Installed): void {
    const counts = `${packages} packages, ${direct.length} direct dependencies at most`;
    say(`PACKAGE: ${runtime.name}, ${how}: ${counts}, ${seconds.toFixed(1)} s`);
    expect(packages).toBeGreaterThan(1);
    expect(packages).toBeLessThanOrEqual(mostPackages);
  }

  it('is installed as a library, and brings no keyv', { timeout }, async (context) => {
    need(context);
    library = await installLibrary(runtime, tarball.path);
    tell('as a library', library);
    expect(existsSync(join(library.directory, 'node_modules/keyv'))).toBe(false);
  });

  it('runs in a program', { timeout }, async (context) => {
    need(context);
    const { directory } = library;
    const keyv = `keyv@${manifest.devDependencies['keyv'] ?? ''}`;
    await runWell(['npm', 'install', keyv], runtime.env, directory);
    writeFileSync(join(directory, 'program.mjs'), program);
    const ran = await run(['node', 'program.mjs'], runtime.env, directory);
    expect(ran).toEqual({ exitCode: 0, stdout: programPrints, stderr: '' });
  });

  it('compiles in a program', { timeout }, async (context) => {
    need(context);
    const { directory } = library;
    const modules = join(packageRoot, 'node_modules');
    writeFileSync(join(directory, 'program.ts'), typedProgram);
    writeFileSync(join(directory, 'tsconfig.json'), compilerOptions(join(modules, '@types')));
    const compiler = join(modules, 'typescript/bin/tsc');
    const ran = await run(['node', compiler, '--project', '.'], runtime.env, directory);
    expect(ran).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  it('is installed as a command, and answers in a shell', { timeout }, async (context) => {
    need(context);
    const installed = await installGlobally(runtime, tarball.path);
    tell('as a command', installed);
    const lines: [line: string, prints: string][] = [
      ['timekv --version', expect.stringContaining(manifest.version) as string],
      ['timekv set price 19.90 2025-01-01', ''],
      ['timekv set price 24.90 2025-03-01', ''],
      ['timekv get price 2025-02-14', '19.90\n'],
      ['timekv get price', '24.90\n'],
      [
        'timekv history price',
        'price\t1735689600000000\tvalue\t\\N\t1\t19.90\nprice\t1740787200000000\tvalue\t\\N\t2\t24.90\n',
      ],
    ];
    for (const [line, stdout] of lines) {
      const ran = await inShell(`export TZ=UTC; ${line}`, runtime, installed.directory);
      expect(ran, `of ${line}`).toEqual({ exitCode: 0, stdout, stderr: '' });
    }
    const none = await inShell('timekv get nothing', runtime, installed.directory);
    expect(none).toMatchObject({ exitCode: 3, stdout: '' });
  });
});
