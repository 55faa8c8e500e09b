/** `.ci/manifest.mjs` over a tiny planted package: what it writes, and what it must refuse. */
import { mkdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PlantedPackage, type Outcome } from './support/planted-package.js';

interface Manifest {
  version: string;
  commands: Record<string, { summary: string; flags: Record<string, unknown> }>;
}

describe('the manifest script', () => {
  let house: PlantedPackage;

  beforeEach(() => {
    house = new PlantedPackage();
    const oclif = { bin: 'tiny', commands: './dist/commands', topicSeparator: ' ' };
    const manifest = { name: 'tiny', version: '1.2.3', type: 'module', oclif };
    house.plant('package.json', JSON.stringify(manifest));
    mkdirSync(house.path('dist/commands'), { recursive: true });
  });

  afterEach(() => {
    house.remove();
  });

  function plantCommand(name: string, summary: string): void {
    house.plant(
      `dist/commands/${name}.js`,
      `import { Command, Flags } from '@oclif/core';
       export default class extends Command {
         static summary = '${summary}';
         static flags = { dir: Flags.string({ default: async () => process.env.HOME, noCacheDefault: true }) };
         async run() {}
       }`,
    );
  }

  function run(env: NodeJS.ProcessEnv, ...options: string[]): Promise<Outcome> {
    return house.run('.ci/manifest.mjs', [...options, house.directory], env);
  }

  const written = () => readFileSync(house.path('oclif.manifest.json'), 'utf8');

  it('lists every command in order, and then finds the list up to date', async () => {
    plantCommand('set', 'writes');
    plantCommand('get', 'reads');
    expect(await run({}, '--check')).toMatchObject({ failed: true });
    expect(await run({})).toMatchObject({ failed: false });
    const manifest = JSON.parse(written()) as Manifest;
    expect(manifest.version).toBe('1.2.3');
    expect(Object.keys(manifest.commands)).toEqual(['get', 'set']);
    expect(manifest.commands['get']?.summary).toBe('reads');
    expect(Object.keys(manifest.commands['get']?.flags ?? {})).toContain('dir');
    expect(await run({}, '--check')).toMatchObject({ failed: false });
  });

  it('says the same in another environment', async () => {
    plantCommand('get', 'reads');
    await run({ HOME: '/here', TZ: 'UTC', COLUMNS: '40' });
    expect(written()).not.toContain('/here');
    expect(
      await run({ HOME: '/there', TZ: 'Asia/Tokyo', NODE_ENV: 'development' }, '--check'),
    ).toMatchObject({ failed: false });
  });

  it('fails its check where a command is new, gone or changed', async () => {
    plantCommand('get', 'reads');
    await run({});
    plantCommand('set', 'writes');
    const stale = { failed: true, stderr: expect.stringContaining('npm run manifest') as string };
    expect(await run({}, '--check')).toMatchObject(stale);
    house.removePath('dist/commands/set.js');
    expect(await run({}, '--check')).toMatchObject({ failed: false });
    plantCommand('get', 'reads more');
    expect(await run({}, '--check')).toMatchObject(stale);
  });

  it('fails where it sees no command, and where one cannot be loaded', async () => {
    const none = {
      failed: true,
      stderr: expect.stringContaining('no command was found') as string,
    };
    expect(await run({})).toMatchObject(none);
    expect(await run({}, '--check')).toMatchObject(none);
    house.removePath('dist');
    expect(await run({}, '--check')).toMatchObject({ failed: true });
    plantCommand('get', 'reads');
    house.plant('dist/commands/broken.js', `import './gone.js'; export default class {}`);
    expect(await run({})).toMatchObject({ failed: true });
    expect((await run({})).stderr).toContain('gone.js');
  });
});
