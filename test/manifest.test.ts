/** `.ci/manifest.mjs` over a tiny planted package: what it writes, and what it must refuse. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

interface Manifest {
  version: string;
  commands: Record<string, { summary: string; flags: Record<string, unknown> }>;
}

describe('the manifest script', () => {
  let directory = '';

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'timekv-manifest-'));
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
    const oclif = { bin: 'tiny', commands: './dist/commands', topicSeparator: ' ' };
    plant(
      'package.json',
      JSON.stringify({ name: 'tiny', version: '1.2.3', type: 'module', oclif }),
    );
    mkdirSync(join(directory, 'dist/commands'), { recursive: true });
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  function plant(path: string, text: string): void {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }

  function plantCommand(name: string, summary: string): void {
    plant(
      `dist/commands/${name}.js`,
      `import { Command, Flags } from '@oclif/core';
       export default class extends Command {
         static summary = '${summary}';
         static flags = { dir: Flags.string({ default: async () => process.env.HOME, noCacheDefault: true }) };
         async run() {}
       }`,
    );
  }

  function run(environment: NodeJS.ProcessEnv, ...options: string[]): Promise<Outcome> {
    const given = [join(root, '.ci/manifest.mjs'), ...options, directory];
    const env = { ...process.env, ...environment };
    return new Promise((resolve) => {
      execFile(process.execPath, given, { env }, (error, stdout, stderr) => {
        resolve({ failed: error !== null, output: stdout + stderr });
      });
    });
  }

  const manifestPath = () => join(directory, 'oclif.manifest.json');

  it('lists every command in order, and then finds the list up to date', async () => {
    plantCommand('set', 'writes');
    plantCommand('get', 'reads');
    expect(await run({}, '--check')).toMatchObject({ failed: true });
    expect(await run({})).toMatchObject({ failed: false });
    const manifest = JSON.parse(readFileSync(manifestPath(), 'utf8')) as Manifest;
    expect(manifest.version).toBe('1.2.3');
    expect(Object.keys(manifest.commands)).toEqual(['get', 'set']);
    expect(manifest.commands['get']?.summary).toBe('reads');
    expect(Object.keys(manifest.commands['get']?.flags ?? {})).toContain('dir');
    expect(await run({}, '--check')).toMatchObject({ failed: false });
  });

  it('says the same in another environment', async () => {
    plantCommand('get', 'reads');
    await run({ HOME: '/here', TZ: 'UTC', COLUMNS: '40' });
    expect(readFileSync(manifestPath(), 'utf8')).not.toContain('/here');
    expect(
      await run({ HOME: '/there', TZ: 'Asia/Tokyo', NODE_ENV: 'development' }, '--check'),
    ).toMatchObject({ failed: false });
  });

  it('fails its check where a command is new, gone or changed', async () => {
    plantCommand('get', 'reads');
    await run({});
    plantCommand('set', 'writes');
    const stale = { failed: true, output: expect.stringContaining('npm run manifest') as string };
    expect(await run({}, '--check')).toEqual(stale);
    rmSync(join(directory, 'dist/commands/set.js'));
    expect(await run({}, '--check')).toMatchObject({ failed: false });
    plantCommand('get', 'reads more');
    expect(await run({}, '--check')).toEqual(stale);
  });

  it('fails where it sees no command, and where one cannot be loaded', async () => {
    const none = {
      failed: true,
      output: expect.stringContaining('no command was found') as string,
    };
    expect(await run({})).toEqual(none);
    expect(await run({}, '--check')).toEqual(none);
    rmSync(join(directory, 'dist'), { recursive: true });
    expect(await run({}, '--check')).toMatchObject({ failed: true });
    plantCommand('get', 'reads');
    plant('dist/commands/broken.js', `import './gone.js'; export default class {}`);
    expect(await run({})).toMatchObject({ failed: true });
    expect((await run({})).output).toContain('gone.js');
  });
});

interface Outcome {
  failed: boolean;
  output: string;
}
