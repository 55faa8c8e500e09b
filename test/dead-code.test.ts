/** knip, by the house's own configuration, over a planted package with something dead in it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PlantedPackage, type Outcome } from './support/planted-package.js';

describe('the check for dead code', () => {
  let house: PlantedPackage;

  beforeEach(() => {
    house = new PlantedPackage();
    house.copy('knip.json', 'tsconfig.json', 'test/tsconfig.json');
    house.plant(
      'vitest.config.ts',
      `import { defineConfig } from 'vitest/config';
       export default defineConfig({
         test: { include: ['test/**/*.test.ts'], setupFiles: ['test/crash/support/tell-replay.ts'] },
       });`,
    );
    house.plant('test/crash/support/tell-replay.ts', `import 'vitest';`);
    const scripts = { demo: 'node fixtures/demo.mjs', test: 'vitest run' };
    const devDependencies = { vitest: '*', typescript: '*', '@types/node': '*' };
    const manifest = { name: 'tiny', type: 'module', scripts, devDependencies };
    house.plant('package.json', JSON.stringify(manifest));
    house.plant('src/index.ts', `export { open } from './store.js';`);
    house.plant(
      'src/store.ts',
      `import { one } from './base/one.js'; export const open = () => one;`,
    );
    house.plant(
      'src/base/one.ts',
      `export interface One { n: 1 }\nexport const one: One = { n: 1 };`,
    );
    house.plant(
      'commands/get.ts',
      `import { word } from '../src/cli/word.js'; export default word;`,
    );
    house.plant('src/cli/word.ts', `export const word = 'get';`);
    house.plant('fixtures/demo.mjs', `import { help } from './help.mjs'; help();`);
    house.plant('fixtures/help.mjs', `export function help() {}`);
    house.plant('fixtures/zones/make.mjs', `import 'node:fs';`);
    house.plant('bench/run.mjs', `import 'lmdb';`);
    house.plant('test/crash/a.test.ts', `import { give } from '../support/give.js'; give();`);
    house.plant('test/support/give.ts', `export const give = () => 1;`);
  });

  afterEach(() => {
    house.remove();
  });

  function check(): Promise<Outcome> {
    return house.run('node_modules/knip/bin/knip.js', ['--no-progress']);
  }

  it('has nothing against a package where everything is used', async () => {
    expect(await check()).toMatchObject({ failed: false });
  });

  it('names what is dead or missing, wherever it is', async () => {
    for (const folder of ['src', 'src/base', 'src/cli', 'test', 'fixtures', 'fixtures/zones']) {
      const path = `${folder}/dead.${folder.startsWith('fixtures') ? 'mjs' : 'ts'}`;
      house.plant(path, `export const alone = 1;`);
    }
    house.plant('src/cli/word.ts', `import x from 'not-listed'; export const word = x, spare = 1;`);
    house.plant('src/store.ts', `import './gone.js'; export const open = () => 1;`);
    const { failed, stdout } = await check();
    expect(failed).toBe(true);
    const named = stdout.match(/^\S+/gm)?.filter((word) => /^[a-z.]/.test(word));
    expect(named?.toSorted()).toEqual([
      './gone.js',
      'fixtures/dead.mjs',
      'fixtures/zones/dead.mjs',
      'not-listed',
      'spare',
      'src/base/dead.ts',
      'src/base/one.ts',
      'src/cli/dead.ts',
      'src/dead.ts',
      'test/dead.ts',
    ]);
  });
});
