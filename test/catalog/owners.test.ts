import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import * as connection from '../../src/catalog/connection.js';
import { TimekvError } from '../../src/base/errors.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

/** What the same module is to a program that has the package twice. */
async function anotherCopy(): Promise<typeof connection> {
  vi.resetModules();
  return import('../../src/catalog/connection.js');
}

it('a second copy of timekv in one process is refused while the first has a file open', async () => {
  const path = join(temporaryDirectory(), 'file.db');
  const first = connection.connect(path, {});
  const again = connection.connect(path, {});
  const { connect, disconnect } = await anotherCopy();
  expect(() => connect(path, {})).toThrow('another copy of the timekv package');
  connection.disconnect(again);
  expect(() => connect(path, {})).toThrow('another copy of the timekv package');
  connection.disconnect(first);
  connection.disconnect(first);
  const other = connect(path, {});
  expect(() => connection.connect(path, {})).toThrow(TimekvError);
  disconnect(other);
  connection.disconnect(connection.connect(path, {}));
});

it('a file that could not be opened is nobody’s', async () => {
  const path = join(temporaryDirectory(), 'nowhere', 'file.db');
  expect(() => connection.connect(path, {})).toThrow('does not exist');
  const { connect } = await anotherCopy();
  expect(() => connect(path, {})).toThrow('does not exist');
});
