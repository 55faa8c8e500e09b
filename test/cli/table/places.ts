/** The stores and files that the rows of the table are about, made once, by hand-written lines. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../support/child.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { flip, largestFile } from '../../support/damaged-files.js';
import { runHere } from '../support/recorded-host.js';
import type { Place } from './row.js';

const root = temporaryDirectory();
const scratch = join(root, 'scratch');

/** Times long past, one in 2023, one far ahead; bytes that are no text; an expired version. */
const us = [
  'set price 9.95 10',
  'set price 12 20',
  'delete price 30',
  'set price 14 @1700000000',
  'set user:ann "a\\tb" 15',
  'set user:bob "" 15',
  'set user:cy "\\xff" 15',
  'set plan old 10',
  'set plan later 9000000000000000',
  'set gone x 5',
  'delete gone 6',
];
const expired = '{"key":"token","timestamp":10,"expiresAt":20,"value":"abc"}\n';

const ticks = ['set a 1 10', 'set a 2 20', 'set b x 15', 'set user:c v 5', 'delete user:c 12'];

/** What lines name by `$FILES/…`. */
const files: Record<string, string | Buffer> = {
  value: Buffer.from([0x76, 0x00, 0xff]),
  keys: 'price\nnope\nuser:ann\n',
  'bad-keys': 'price\n\nuser:ann\n',
  'rows.csv': 'key,timestamp,value\nnew,10,"a,b"\nnew,20,""\n',
  'rows.tsv': 'key\ttimestamp\tvalue\nnew\t10\ta\\tb\n',
  'rows.ndjson': '{"key":"new","timestamp":10,"value":"a"}\n',
  'trades.csv': 'key,timestamp,shares\nprice,15,3\nprice,35,4\nuser:ann,15,5\n',
  'trades.tsv': 'key\ttimestamp\tshares\nprice\t15\t3\n',
  'trades.ndjson': '{"key":"price","timestamp":15,"shares":3.0}\n',
  lines: 'set a 3 30\nget a 30\n# a comment\nget nope\n',
  'no-store-file': 'this is no file of a store\n',
};

/** Where each place is. */
export function directoryOf(place: Place): string {
  return join(root, place);
}

/** The text with what it names by `$…` put in. */
export function filledIn(text: string, directory: string): string {
  return text
    .replaceAll('$HERE', directory)
    .replaceAll('$SEGMENT', segment)
    .replaceAll('$DAMAGED', join(directory, segment.slice(directoryOf('past').length + 1)))
    .replaceAll('$WAL', wal)
    .replaceAll('$BACKUP', directoryOf('backup'))
    .replaceAll('$FILES', join(root, 'files'))
    .replaceAll('$ROOT', root);
}

let segment = '';
let wal = '';

async function lines(directory: string, written: readonly string[]): Promise<void> {
  const { code, stderr } = await runHere(directory, ['batch'], { input: written.join('\n') });
  if (code !== 0) throw new Error(stderr);
}

/** Makes all of them. */
export async function makePlaces(): Promise<void> {
  mkdirSync(join(root, 'files'));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(root, 'files', name), content);
  }
  mkdirSync(directoryOf('foreign'));
  writeFileSync(join(directoryOf('foreign'), 'novel.txt'), 'chapter 1');
  await lines(directoryOf('us'), us);
  await runHere(directoryOf('us'), ['import', '--input-format', 'ndjson'], { input: expired });
  await runHere(directoryOf('ticks'), ['init', '--unit', 'tick']);
  await lines(directoryOf('ticks'), ticks);
  await runHere(directoryOf('empty'), ['init']);
  // A segment with three versions, and one version in the log.
  const past = directoryOf('past');
  await lines(past, ['set a 1 10', 'set a 2 20', 'delete b 15']);
  await runHere(past, ['snapshot']);
  await lines(past, ['set a 3 30']);
  // A snapshot, and versions that came later.
  const kept = directoryOf('kept');
  await lines(kept, ['set a 1 10', 'set b x 10', 'snapshot then', 'set a 2 20', 'delete b 15']);
  segment = join(past, largestFile(past, 'segments', '.seg'));
  wal = join(past, largestFile(past, 'wal', '.wal'));
  cpSync(past, directoryOf('damaged'), { recursive: true });
  flip(70)(join(directoryOf('damaged'), largestFile(past, 'segments', '.seg')));
  cpSync(past, directoryOf('compacted'), { recursive: true });
  await runHere(directoryOf('compacted'), ['compact', '--full']);
  const named = directoryOf('named');
  await lines(named, ['set a 1 10']);
  await runHere(named, ['snapshot', 'first']);
  await runHere(named, ['snapshot']);
  await lines(named, ['set a 2 20']);
  // A key that keeps its newest version only.
  cpSync(past, directoryOf('marked'), { recursive: true });
  await runHere(directoryOf('marked'), ['compact', '--keep-versions', '1', '--yes']);
  const exported = join(root, 'exported');
  cpSync(past, exported, { recursive: true });
  await runHere(exported, ['snapshot', '--export', directoryOf('backup')]);
}

/** The text of a file of the package. */
export function packageFile(path: string): string {
  return readFileSync(join(packageRoot, path), 'utf8');
}

/** A copy of a place, for a line that writes. Nothing at all, where nothing is there. */
export function copyOf(place: Place): string {
  rmSync(scratch, { recursive: true, force: true });
  if (place !== 'none') cpSync(directoryOf(place), scratch, { recursive: true });
  return scratch;
}
