import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockHolder } from '../../src/disk/system.js';
import { holdLockFile } from '../support/lock-file-holder.js';
import { mountSmall } from '../support/small-disk.js';

const [one, other] = [mountSmall(1000), mountSmall(1000)];

test.skipIf(other === undefined)(
  'the holder of a lock is not taken for one of a file of the same number on another disk',
  async () => {
    const held = join(one ?? '', 'write lock.db');
    const free = join(other ?? '', 'write lock.db');
    for (const path of [held, free]) writeFileSync(path, '');
    expect(statSync(held).ino).toBe(statSync(free).ino);
    const holder = await holdLockFile(held);
    expect(lockHolder(held)).toBe(holder.pid);
    expect(lockHolder(free)).toBeUndefined();
    expect(lockHolder(join(other ?? '', 'nothing'))).toBeUndefined();
  },
);
