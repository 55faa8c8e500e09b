/** The defects that `npm run test:crash` plants: each has its one place in the sources as they are now. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { defects } from './crash/defects/list.js';
import { runsSources } from './crash/support/bundling.js';

it.each(defects.map((defect) => [defect.name, defect] as const))(
  '%s',
  (_, { file, from, to, caughtBy }) => {
    const source = readFileSync(join(import.meta.dirname, '..', file), 'utf8');
    expect(source.split(from)).toHaveLength(2);
    expect(to).not.toBe(from);
    // Else the harness would run what has no defect.
    expect(caughtBy.inPackage === true || runsSources(caughtBy.harness)).toBe(true);
  },
);
