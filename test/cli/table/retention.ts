/** `retention`, and what `compact` lets go. */
import { answers, fails, noStore, on, refuses, type Row, writes } from './row.js';

const left: [string, string][] = [['history a', 'a\t30\tvalue\t\\N\t4\t3\n']];
const all: [string, string][] = [
  ['history a', 'a\t10\tvalue\t\\N\t1\t1\na\t20\tvalue\t\\N\t2\t2\na\t30\tvalue\t\\N\t4\t3\n'],
];
const gone =
  'segments: 1 before, 1 now; with the log: <n> KiB before, <n> KiB now; gave back <n> bytes; let go of 2 versions of 1 key, 4 bytes\n';
const report = (versions: number, keys: number, bytes: number, after: number) =>
  `{"letGo":{"keys":${keys},"versions":${versions},"bytes":${bytes}},"segmentsBefore":1,"segmentsAfter":${after},"bytesBefore":<n>,"bytesAfter":<n>}\n`;
const needsYes = 'this cannot be undone: say --yes if it is wanted';
const begins =
  'the history of "a" begins at 30, and 25 is before that: older versions were let go; give a later time';

const compacting: Row[] = [
  ...on({ place: 'past' }, [
    writes('compact --keep-versions 1 --yes', left, { stdout: gone }),
    writes('compact --full --keep-versions 1 --yes', left, { stdout: gone }),
    ...['json', 'ndjson'].map((format) =>
      writes(`compact --keep-versions 1 --yes --format ${format}`, left, {
        stdout: report(2, 1, 4, 1),
      }),
    ),
    writes('compact --keep-versions 1 --dry-run', all, {
      stdout: 'would let go of 2 versions of 1 key, 4 bytes\n',
    }),
    writes('compact --keep-versions 2 --dry-run --json', all, { stdout: report(1, 1, 2, 1) }),
    writes('compact --dry-run', all, { stdout: 'would let go of 0 versions of 0 keys, 0 bytes\n' }),
    // The tombstone too.
    writes('compact --keep-for 1s --dry-run', all, {
      stdout: 'would let go of 3 versions of 2 keys, 5 bytes\n',
    }),
    refuses('compact --keep-versions 1', needsYes, { after: all }),
    refuses('compact --keep-for 1s', needsYes, { after: all }),
  ]),
  refuses(
    'compact --keep-for 0s --yes',
    '--keep-for "0s" is no time at all; to keep only what is newest, say --keep-versions 1',
  ),
  refuses(
    'compact --keep-for 5 --yes',
    '5 needs a unit, as in 5s; durations are written 250ms, 30s, 15m, 2h, 7d, 2w, 1h30m or P1DT2H',
  ),
  refuses('compact --keep-versions 0 --yes', 'keepVersions 0 is not a positive integer'),
];

const marked: Row[] = on({ place: 'marked' }, [
  answers('history a', left[0]?.[1] ?? ''),
  answers('get a 30', '3\n'),
  ...[
    'get a 25',
    'history a --from 25',
    'keys --at @0.000025',
    'scan --at @0.000025',
    'diff 25',
  ].map((line) => fails(7, line, begins)),
  fails(7, 'set a late 25', begins, { after: left }),
  fails(7, 'delete a 25', begins, { after: left }),
  fails(7, 'delete --prefix a 25', begins, { after: left }),
  answers(
    'export',
    'key\ttimestamp\tstate\texpiresAt\tseq\tvalue\na\t30\tvalue\t\\N\t4\t3\nb\t15\tdeleted\t\\N\t3\t\\N\n',
  ),
  {
    ...refuses('get --keys-from - 25 --skip-bad', '1 bad row was skipped', { input: 'a\nb\n' }),
    stdout: '\\N\n',
    stderr: `line 1: ${begins}\ntimekv: 1 bad row was skipped\n`,
  },
  writes('erase a 30 --yes', [['keys --all', 'b\n']], {
    stderr:
      'note: erased 1 version; the bytes leave the directory with compact --full, and backups are not reached\n',
  }),
]);

const policy: Row[] = [
  ...on({ place: 'past' }, [
    answers('retention', ''),
    answers('retention show', ''),
    answers('retention --json', '{}\n'),
    writes('retention set --keep-for 7d', [
      ['retention', 'keepFor\t604800000000\n'],
      ['compact --dry-run', 'would let go of 3 versions of 2 keys, 5 bytes\n'],
      ['history a', all[0]?.[1] ?? ''],
    ]),
    writes('retention set --keep-versions 1', [
      ['retention --json', '{"keepVersions":1}\n'],
      ['compact --json', report(2, 1, 4, 1)],
      ...left,
      ['retention clear', ''],
      ['retention', ''],
    ]),
    ...['--json', '--format json', '--format ndjson'].map((json) =>
      writes(`retention set --keep-versions 2 --keep-for 1s ${json}`, [], {
        stdout: '{"keepFor":1000000,"keepVersions":2}\n',
      }),
    ),
    writes('retention clear --json', [], { stdout: '{}\n' }),
    ...['table', 'csv', 'tsv'].map((format) =>
      writes(`retention set --keep-versions 2 --format ${format}`, []),
    ),
  ]),
  writes('retention set --keep-for 5', [['retention', 'keepFor\t5\n']], { place: 'ticks' }),
  refuses('retention forget', '"forget" is none of show, set and clear'),
  refuses('retention set', 'retention set needs --keep-for, --keep-versions, or both'),
  refuses('retention --keep-for 7d', '--keep-for and --keep-versions belong to retention set'),
  refuses(
    'retention clear --keep-versions 7',
    '--keep-for and --keep-versions belong to retention set',
  ),
  refuses('retention set --keep-versions x', '"x" is no count; write a whole number'),
  fails(3, 'retention', noStore, { place: 'none' }),
];

export const retention = { compacting, marked, policy };
