/**
 * Commands that keep moments of a store, or take something out of it: what they leave is the store as
 * it was before, or as they leave it when nothing is wrong.
 */
import { join } from 'node:path';
import { open, restore, type Store } from '../../../src/index.js';
import type { Random } from '../../support/random.js';
import { Rows } from './prepared-stores.js';
import type { Scenario } from './scenarios.js';
import { beside, type Traced } from './strace.js';

/** The name of the backup's directory, beside the store's. */
export const backupName = 'backup';

/** What is true of a command of which all is there or nothing. */
export interface Keeping {
  /** An error, whatever it says, may come behind what was done. */
  failsBehind: boolean;
  /** Does the same by the library, after a command that came to nothing. */
  again: (directory: string) => Promise<void>;
}

export function keepingScenarios(random: () => Random): Scenario[] {
  const inStore = (action: (store: Store) => Promise<unknown>) => (directory: string) =>
    withStore(directory, action);
  return [
    keeping('erase', ['erase', 'k1', '--all', '--yes'], random(), {
      failsBehind: false,
      again: inStore((store) => store.erase('k1', 'all')),
    }),
    keeping('expire', ['expire'], random(), {
      failsBehind: true,
      again: inStore((store) => store.expire()),
    }),
    keeping('snapshot NAME', ['snapshot', 'new'], random(), {
      failsBehind: true,
      again: inStore((store) => store.snapshot('new')),
    }),
    backingUp(random()),
    restoring(random()),
    lettingGo(
      'compact --keep-versions 1',
      random(),
      inStore((store) => store.compact({ keepVersions: 1 })),
    ),
    lettingGo(
      'compact --keep-for 1s',
      random(),
      inStore((store) => store.compact({ keepFor: 1_000_000 })),
    ),
  ];
}

function keeping(name: string, args: readonly string[], random: Random, keeps: Keeping): Scenario {
  return {
    name,
    rows: new Rows(random),
    prepare: async (directory, rows) => {
      await fill(directory, rows);
      return [];
    },
    canWait: () => false,
    command: { args: [...args, '--json'], input: '' },
    groups: [],
    countAnswers,
    keeps,
  };
}

/** Versions go that the snapshot has seen, that it has not, and that lie in the log. */
function lettingGo(command: string, random: Random, again: Keeping['again']): Scenario {
  const args = command.split(' ');
  const name = args.slice(0, -1).join(' ');
  return {
    ...keeping(name, [...args, '--yes'], random, { failsBehind: true, again }),
    prepare: async (directory, rows) => {
      await fill(directory, rows);
      await withStore(directory, async (store) => {
        const write = async (key: string): Promise<void> => {
          const { value = '', timestamp } = rows.next(60, key);
          await store.set(key, value, timestamp);
        };
        await write('k1');
        await store.snapshot();
        for (const key of ['k2', 'k1', 'k2']) await write(key);
      });
      return [];
    },
  };
}

/** All is in segments already: that they are written is what `snapshot` is about. */
function backingUp(random: Random): Scenario {
  const again = (directory: string) =>
    withStore(directory, (store) => store.backup(join(directory, '..', backupName)));
  const args = ['snapshot', '--export', `${beside}/${backupName}`];
  return {
    ...keeping('snapshot --export', args, random, { failsBehind: true, again }),
    prepare: async (directory, rows) => {
      await fill(directory, rows);
      await withStore(directory, (store) => store.snapshot());
      return [];
    },
  };
}

function restoring(random: Random): Scenario {
  const again = async (directory: string) => {
    await restore(join(directory, '..', backupName), directory);
  };
  const args = ['restore', `${beside}/${backupName}`, `${beside}/store`];
  return {
    ...keeping('restore', args, random, { failsBehind: true, again }),
    prepare: async (directory, rows) => {
      const parent = join(directory, '..');
      await fill(join(parent, 'source'), rows);
      await withStore(join(parent, 'source'), (store) => store.backup(join(parent, backupName)));
      return [];
    },
  };
}

/** Something in a segment, something in the log; of both some has expired, and a snapshot needs some. */
async function fill(directory: string, rows: Rows): Promise<void> {
  await withStore(directory, async (store) => {
    const write = async (expires: boolean, key?: string): Promise<void> => {
      const { key: chosen, value = '', timestamp } = rows.next(60, key);
      await store.set(chosen, value, timestamp, expires ? { expiresAt: timestamp + 5 } : {});
    };
    await write(false, 'k1');
    await write(true, 'k2');
    await store.snapshot();
    await write(true, 'k1');
    await store.snapshot('old');
    await write(false, 'k1');
    await write(false);
  });
}

async function withStore(
  directory: string,
  action: (store: Store) => Promise<unknown>,
): Promise<void> {
  const store = await open(directory);
  try {
    await action(store);
  } finally {
    await store.close();
  }
}

function countAnswers({ stdout }: Traced): number {
  return stdout !== '' && !stdout.startsWith('{"error"') ? 1 : 0;
}
