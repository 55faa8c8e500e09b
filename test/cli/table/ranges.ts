/** Which keys there are: `keys`, `scan`, `diff`. */
import { answers, inFormats, on, refuses, type Row } from './row.js';

const keys: Row[] = [
  answers('keys', 'plan\nprice\nuser:ann\nuser:bob\nuser:cy\n'),
  answers('keys user:', 'user:ann\nuser:bob\nuser:cy\n'),
  answers('keys zzz', ''),
  answers('keys p --dir=$HERE --memory 16777216 --busy-timeout=PT2S --tz +02:00', 'plan\nprice\n'),
  ...inFormats('keys p', {
    table: 'key\nplan\nprice\n',
    json: '[{"key":"plan"},\n{"key":"price"}]\n',
    ndjson: '{"key":"plan"}\n{"key":"price"}\n',
    csv: 'key\nplan\nprice\n',
    tsv: 'plan\nprice\n',
  }),
  ...inFormats('keys zzz', { table: '', json: '[]\n', ndjson: '', csv: 'key\n', tsv: '' }),
  // Colour is for terminals, unless it is forced.
  answers('keys p --format table', '\x1b[1mkey\x1b[22m\nplan\nprice\n', {
    environment: { FORCE_COLOR: '1' },
  }),
  answers('keys p --format table --no-color', 'key\nplan\nprice\n', {
    environment: { FORCE_COLOR: '1' },
  }),
  answers('keys p --format table', '\x1b[1mkey\x1b[22m\nplan\nprice\n', {
    environment: { FORCE_COLOR: '1', NO_COLOR: '1' },
  }),
  answers('keys p --json', '[{"key":"plan"},\n{"key":"price"}]\n'),
  answers('keys --at 10', 'plan\nprice\ntoken\n'),
  answers('keys --at 1969-12-31T23:00Z', ''),
  answers('keys p --at 30', 'plan\n'),
  answers('keys --at 9000000000000000 p', 'plan\nprice\n'),
  answers('keys --at -1', ''),
  answers('keys --start price --end user:bob', 'price\nuser:ann\n'),
  answers('keys user: --start user:b', 'user:bob\nuser:cy\n'),
  answers('keys --limit 2', 'plan\nprice\n'),
  answers('keys --limit 0', ''),
  answers('keys --reverse --limit 2', 'user:cy\nuser:bob\n'),
  answers('keys --reverse --start plan --end user:bob', 'user:ann\nprice\nplan\n'),
  answers('keys --count', '5\n'),
  answers('keys --count --limit 2', '2\n'),
  answers('keys user: --count --reverse', '3\n'),
  answers('keys zzz --count', '0\n'),
  answers('keys --all', 'gone\nplan\nprice\ntoken\nuser:ann\nuser:bob\nuser:cy\n'),
  answers('keys --all --count', '7\n'),
  answers('keys --all --start token --limit 1', 'token\n'),
  refuses('keys --all --at 5', '--all takes no --at'),
];

const scan: Row[] = [
  answers('scan', 'plan\told\nprice\t14\nuser:ann\ta\\tb\nuser:bob\t\nuser:cy\t\\xff\n'),
  answers('scan user:b', 'user:bob\t\n'),
  ...inFormats('scan --start price', {
    table: 'key       value\nprice     14\nuser:ann  a\\tb\nuser:bob\nuser:cy   \\xff\n',
    json: [
      '[{"key":"price","value":"14"}',
      '{"key":"user:ann","value":"a\\tb"}',
      '{"key":"user:bob","value":""}',
      '{"key":"user:cy","value":{"base64":"/w=="}}]\n',
    ].join(',\n'),
    ndjson: [
      '{"key":"price","value":"14"}',
      '{"key":"user:ann","value":"a\\tb"}',
      '{"key":"user:bob","value":""}',
      '{"key":"user:cy","value":{"base64":"/w=="}}\n',
    ].join('\n'),
    csv: 'key,value\nprice,14\nuser:ann,a\tb\nuser:bob,""\nuser:cy,\xff\n',
    tsv: 'price\t14\nuser:ann\ta\\tb\nuser:bob\t\nuser:cy\t\\xff\n',
  }),
  answers('scan plan --json', '[{"key":"plan","value":"old"}]\n'),
  answers('scan --at 12', 'plan\told\nprice\t9.95\ntoken\tabc\n'),
  answers('scan --at 20 --end u', 'plan\told\nprice\t12\n'),
  answers('scan --start price --end user:bob', 'price\t14\nuser:ann\ta\\tb\n'),
  answers('scan --limit 1', 'plan\told\n'),
  answers('scan --limit 0', ''),
  answers('scan --reverse --limit 2', 'user:cy\t\\xff\nuser:bob\t\n'),
  answers('scan --count', '5\n'),
  answers('scan user: --count --at 14', '0\n'),
];

/** As of 15 and 25: one value changed, one has expired. */
const changed = [
  '{"key":"price","change":"changed","before":"9.95","after":"12"}',
  '{"key":"token","change":"removed","before":"abc","after":null}',
];

const diff: Row[] = [
  answers('diff 15 25', 'price\tchanged\t9.95\t12\ntoken\tremoved\tabc\t\\N\n'),
  ...inFormats('diff 15 25', {
    table: 'key    change   before  after\nprice  changed  9.95    12\ntoken  removed  abc\n',
    json: `[${changed.join(',\n')}]\n`,
    ndjson: `${changed.join('\n')}\n`,
    csv: 'key,change,before,after\nprice,changed,9.95,12\ntoken,removed,abc,\n',
    tsv: 'price\tchanged\t9.95\t12\ntoken\tremoved\tabc\t\\N\n',
  }),
  ...inFormats('diff 20 25', {
    table: '',
    json: '[]\n',
    ndjson: '',
    csv: 'key,change,before,after\n',
    tsv: '',
  }),
  answers('diff 15 25 --json', `[${changed.join(',\n')}]\n`),
  answers(
    'diff 14 15 --prefix user:',
    'user:ann\tadded\t\\N\ta\\tb\nuser:bob\tadded\t\\N\t\nuser:cy\tadded\t\\N\t\\xff\n',
  ),
  answers(
    'diff 14 15 --prefix user:c --json',
    '[{"key":"user:cy","change":"added","before":null,"after":{"base64":"/w=="}}]\n',
  ),
  answers('diff 14 15 --prefix p', ''),
  // To now; and back in time.
  answers('diff 25 --prefix price', 'price\tchanged\t12\t14\n'),
  answers('diff 25 15 --prefix price', 'price\tchanged\t12\t9.95\n'),
  answers('diff -5 10 --prefix p', 'plan\tadded\t\\N\told\nprice\tadded\t\\N\t9.95\n'),
  ...on({ place: 'ticks' }, [
    answers('diff 10', 'a\tchanged\t1\t2\nb\tadded\t\\N\tx\nuser:c\tremoved\tv\t\\N\n'),
  ]),
  refuses('diff', 'diff needs a T1; usage: timekv diff T1 [T2]'),
];

export const ranges = { keys, scan, diff };
