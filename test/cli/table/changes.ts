/** What is written: `init`, `set`, `delete`, `revert`. */
import { fails, foreign, noStore, on, refuses, writes, type Row } from './row.js';

const usage = 'usage: timekv set KEY [VALUE] [TIME]';

const init: Row[] = [
  ...on({ place: 'none' }, [
    writes('init', [['keys', '']]),
    writes('init --unit us', [
      [
        'set a x 5 --json',
        '{"key":"a","timestamp":5,"time":"1970-01-01T00:00:00.000005Z","value":"x","seq":1,"state":"value"}\n',
      ],
    ]),
    writes('init --unit tick', [
      [
        'set a x --json',
        '{"key":"a","timestamp":1,"time":null,"value":"x","seq":1,"state":"value"}\n',
      ],
    ]),
    writes('init --json', [['keys --count', '0\n']], { stdout: '{"dir":"$HERE","unit":"us"}\n' }),
    writes('init --format json', [], { stdout: '{"dir":"$HERE","unit":"us"}\n' }),
    writes('init --format ndjson', [], { stdout: '{"dir":"$HERE","unit":"us"}\n' }),
    writes('init --format table', [['keys', '']]),
    writes('init --format csv', [['keys', '']]),
    writes('init --format tsv', [['keys', '']]),
    writes('init $HERE --unit tick --json', [], { stdout: '{"dir":"$HERE","unit":"tick"}\n' }),
    refuses('init --unit s', '--unit s: write us or tick'),
    refuses(['init', ''], 'DIR is empty'),
    refuses('init $HERE a', 'unexpected argument "a"; usage: timekv init [DIR]'),
    refuses('init $HERE --dir $HERE', 'name the directory once: as DIR or with --dir'),
  ]),
  // Again: nothing, whatever the unit, unless another one is asked for.
  writes('init', [['keys --count', '2\n']], { place: 'ticks' }),
  writes('init --unit tick --json', [], {
    place: 'ticks',
    stdout: '{"dir":"$HERE","unit":"tick"}\n',
  }),
  fails(4, 'init --unit us', 'the store in $HERE has the unit tick, not us; leave --unit out', {
    place: 'ticks',
  }),
  fails(4, 'init --unit tick', 'the store in $HERE has the unit us, not tick; leave --unit out'),
  refuses('init', foreign, { place: 'foreign' }),
];

const written = (fields: string, seq: number, value = '"3"'): string =>
  `{"key":"a",${fields},"time":null,"value":${value},"seq":${seq},"state":"value"}\n`;
const now = written('"timestamp":21', 6);

const set: Row[] = [
  ...on({ place: 'ticks' }, [
    // Without a time: now, which in a tick store is one more than the largest time so far.
    writes('set a 3', [
      ['history a --from 20', 'a\t20\tvalue\t\\N\t2\t2\na\t21\tvalue\t\\N\t6\t3\n'],
    ]),
    writes('set a 3 --json', [['get a', '3\n']], { stdout: now }),
    writes('set a 3 --format json', [['get a', '3\n']], { stdout: now }),
    writes('set a 3 --format ndjson', [['get a', '3\n']], { stdout: now }),
    writes('set a 3 --format table', [['get a', '3\n']]),
    writes('set a 3 --format csv', [['get a', '3\n']]),
    writes('set a 3 --format tsv', [['get a', '3\n']]),
    writes('set a 3 15', [
      ['history a', 'a\t10\tvalue\t\\N\t1\t1\na\t15\tvalue\t\\N\t6\t3\na\t20\tvalue\t\\N\t2\t2\n'],
    ]),
    writes('set a -5 -10', [['get a -10', '-5\n']]),
    writes('set a -.5 30', [['get a', '-.5\n']], { oclif: 'fraction' }),
    writes(['set', 'a', '', '30'], [['get a --raw', '']]),
    writes(['set', 'a key', 'a value', '30'], [[['get', 'a key'], 'a value\n']]),
    writes('set a -- --json', [['get a', '--json\n']]),
    writes('set a -- -', [['get a', '-\n']], { oclif: 'hyphen' }),
    writes('set a - 30', [['get a --raw', 'x\n\xff']], { input: Buffer.from('x\n\xff', 'latin1') }),
    writes('set a -', [['get a --raw', '']]),
    writes('set a --file $FILES/value', [['get a --raw', 'v\0\xff']]),
    writes('set a --file $FILES/value 30 --json', [], {
      stdout: written('"timestamp":30', 6, '{"base64":"dgD/"}'),
    }),
    writes('set a --file - 30', [['get a', 'x\n']], { input: 'x' }),
    // Valid for a while, or until then: afterwards there is none, and nothing older comes back.
    writes('set a 3 20 --ttl 5', [
      ['get a 24', '3\n'],
      ['get a 25 --default none', 'none\n'],
      ['history a --from 20', 'a\t20\tvalue\t25\t6\t3\n'],
      ['keys --at 25', 'b\n'],
    ]),
    writes('set a 3 20 --expires-at 25 --json', [['get a 25 --default none', 'none\n']], {
      stdout: written('"timestamp":20', 6).replace('"seq":6', '"seq":6,"expiresAt":25'),
    }),
    writes('set a 3 20 --ttl 5 --on-conflict bump --json', [['get a 25', '3\n']], {
      stdout: now.replace('"seq":6', '"seq":6,"expiresAt":26'),
    }),
    fails(
      2,
      'set a 3 20 --expires-at 20',
      "expiresAt 20 must be later than the version's timestamp 20, and at most 9007199254740991",
    ),
    refuses(
      'set a 3 20 --ttl 5s',
      '"5s": this store counts ticks, so a duration is a plain integer',
    ),
    // A taken time: replaced, refused, or the next free one.
    writes('set a 3 20', [['history a --from 20', 'a\t20\tvalue\t\\N\t6\t3\n']]),
    writes('set a 3 20 --on-conflict replace --json', [['get a', '3\n']], {
      stdout: written('"timestamp":20', 6),
    }),
    writes('set a 3 19 --on-conflict fail', [['get a 19', '3\n']]),
    fails(
      4,
      'set a 3 20 --on-conflict fail',
      '"a" has a version at 20 already; choose another time, or replace or bump it',
    ),
    writes('set a 3 20 --on-conflict bump --json', [['get a 20', '2\n']], { stdout: now }),
    writes('set a 3 20 --on-conflict bump --max-bump 1 --json', [['get a', '3\n']], {
      stdout: now,
    }),
    fails(
      4,
      'set a 3 20 --on-conflict bump --max-bump 0',
      '"a" has versions at every time from 20 to 20; raise --max-bump or choose another time',
    ),
    // Only if a read as of then would answer from that seq, or from none.
    writes('set a 3 25 --if-seq 2', [['get a', '3\n']]),
    writes('set a 3 15 --if-seq 1', [['get a 15', '3\n']]),
    writes('set new 3 25 --if-seq none', [['get new', '3\n']]),
    writes('set user:c 3 25 --if-seq none', [['get user:c', '3\n']]),
    fails(
      4,
      'set a 3 25 --if-seq 1',
      '"a" was not written: --if-seq asks for seq 1, and the version there has seq 2; read it again and decide anew',
    ),
    fails(
      4,
      'set a 3 25 --if-seq none',
      '"a" was not written: --if-seq asks for nothing, and the version there has seq 2; read it again and decide anew',
    ),
  ]),
  writes('set new 1 @1700000000.25', [
    ['history new', 'new\t1700000000250000\tvalue\t\\N\t13\t1\n'],
  ]),
  writes('set new 1 @1700000000123456789ns', [
    ['history new', 'new\t1700000000123456\tvalue\t\\N\t13\t1\n'],
  ]),
  writes('set new 1 2026-07-01 --tz Asia/Tokyo --json', [], {
    stdout:
      '{"key":"new","timestamp":1782831600000000,"time":"2026-06-30T15:00:00.000Z","value":"1","seq":13,"state":"value"}\n',
  }),
  writes('set new 1 5', [['history new', 'new\t5\tvalue\t\\N\t1\t1\n']], { place: 'none' }),
  refuses('set', `set needs a KEY; ${usage}`),
  refuses('set a', 'set needs a VALUE, or - for stdin, or --file PATH'),
  refuses('set a 1 2 3', `unexpected argument "3"; ${usage}`),
  writes('set new 1 2026-07-01T00:00Z --ttl 1h30m', [
    ['history new', 'new\t1782864000000000\texpired\t1782869400000000\t13\t1\n'],
  ]),
  writes('set new 1 2026-07-01T00:00Z --expires-at 2026-07-02 --tz Asia/Tokyo', [
    ['history new', 'new\t1782864000000000\texpired\t1782918000000000\t13\t1\n'],
  ]),
  refuses(
    'set a 1 --ttl 5 --expires-at 9',
    '--ttl and --expires-at exclude each other; give one of them',
  ),
  refuses('set a 1 --ttl 0s', '--ttl "0s" is no time at all; to end a value now, delete its key'),
  refuses(
    'set a 1 --ttl 5',
    '5 needs a unit, as in 5s; durations are written 250ms, 30s, 15m, 2h, 7d, 2w, 1h30m or P1DT2H',
  ),
  refuses('set a 1 --expires-at 5m', '"5m" is a duration, not a time; did you mean -5m?'),
  refuses('set a 1 --max-bump 5', '--max-bump belongs to --on-conflict bump'),
  refuses('set a 1 --on-conflict fail --max-bump 5', '--max-bump belongs to --on-conflict bump'),
  refuses('set a 1 --on-conflict maybe', '--on-conflict maybe: write replace or fail or bump'),
  refuses('set a 1 --if-seq 0', '--if-seq 0: write the seq of a version, or none'),
  refuses('set a 1 --if-seq -1', '--if-seq -1: write the seq of a version, or none'),
  refuses(
    'set a 1 --if-seq',
    '--if-seq needs a value; one that begins with a hyphen is written --if-seq=VALUE',
  ),
  refuses(
    'set a x 5 --file $FILES/value',
    'with --file there is no VALUE: set KEY --file PATH [TIME]',
  ),
  refuses('set a - --file $FILES/value', 'the value comes from --file; what follows is the TIME'),
  fails(1, 'set a --file /nowhere', 'cannot read /nowhere: there is no such file'),
  fails(1, 'set a --file $FILES', 'cannot read $FILES: it is a directory'),
  refuses('set a - 5', 'stdin holds more than 16777216 bytes, which is the most for a value', {
    input: Buffer.alloc(16 * 1024 * 1024 + 1),
  }),
  refuses('set a 1', foreign, { place: 'foreign' }),
];

const del: Row[] = [
  ...on({ place: 'ticks' }, [
    writes('delete a', [
      ['history a --from 20', 'a\t20\tvalue\t\\N\t2\t2\na\t21\tdeleted\t\\N\t6\t\\N\n'],
    ]),
    ...['--json', '--format json', '--format ndjson'].map((json) =>
      writes(`delete a ${json}`, [['keys', 'b\n']], {
        stdout:
          '{"key":"a","timestamp":21,"time":null,"value":null,"seq":6,"state":"deleted","existed":true}\n',
      }),
    ),
    ...['table', 'csv', 'tsv'].map((format) =>
      writes(`delete a --format ${format}`, [['keys', 'b\n']]),
    ),
    writes('delete a 15', [
      ['get a 19 --default none', 'none\n'],
      ['get a', '2\n'],
    ]),
    writes('delete a -5', [['history a --to 0', 'a\t-5\tdeleted\t\\N\t6\t\\N\n']]),
    writes('delete new --json', [['keys --all', 'a\nb\nnew\nuser:c\n']], {
      stdout:
        '{"key":"new","timestamp":21,"time":null,"value":null,"seq":6,"state":"deleted","existed":false}\n',
    }),
    // All keys that have a value then, as one batch; in ticks each write has a now of its own.
    writes('delete --prefix user: 5', [
      ['history user:c', 'user:c\t5\tdeleted\t\\N\t6\t\\N\nuser:c\t12\tdeleted\t\\N\t5\t\\N\n'],
    ]),
    writes(['delete', '--prefix', '', '--json'], [['keys', '']], {
      stdout: [
        '[{"key":"a","timestamp":21,"time":null,"value":null,"seq":6,"state":"deleted","existed":true},',
        '{"key":"b","timestamp":22,"time":null,"value":null,"seq":7,"state":"deleted","existed":true}]\n',
      ].join(''),
    }),
    writes('delete --prefix user:', [['keys --all', 'a\nb\nuser:c\n']]),
    writes('delete --prefix user: --json', [], { stdout: '[]\n' }),
    refuses('delete --prefix user: a 5', '"a": with --prefix there is no KEY'),
  ]),
  writes('delete new 5', [['keys --all', 'new\n']], { place: 'none' }),
  refuses('delete', 'KEY is missing; with --prefix P it is all keys that begin so'),
  refuses('delete a 1 2', 'unexpected argument "2"; usage: timekv delete [KEY] [TIME]'),
  refuses('delete a', foreign, { place: 'foreign' }),
];

const revert: Row[] = [
  ...on({ place: 'ticks' }, [
    writes('revert a 10', [
      ['history a --from 20', 'a\t20\tvalue\t\\N\t2\t2\na\t21\tvalue\t\\N\t6\t1\n'],
    ]),
    ...['--json', '--format json', '--format ndjson'].map((json) =>
      writes(`revert a 10 ${json}`, [['get a', '1\n']], {
        stdout: '{"key":"a","timestamp":21,"time":null,"value":"1","seq":6,"state":"value"}\n',
      }),
    ),
    ...['table', 'csv', 'tsv'].map((format) =>
      writes(`revert a 10 --format ${format}`, [['get a', '1\n']]),
    ),
    writes('revert a -5', [['keys', 'b\n']]),
    writes('revert a 20', [['history a', 'a\t10\tvalue\t\\N\t1\t1\na\t20\tvalue\t\\N\t2\t2\n']]),
    writes('revert a 20 --json', [], { stdout: 'null\n' }),
    writes('revert nope 5 --json', [], { stdout: 'null\n' }),
    writes('revert --prefix user: 5', [['get user:c', 'v\n']]),
    writes(
      ['revert', '--prefix', '', '12', '--json'],
      [
        ['keys', 'a\n'],
        ['get a', '1\n'],
      ],
      {
        stdout: [
          '[{"key":"a","timestamp":21,"time":null,"value":"1","seq":6,"state":"value"},',
          '{"key":"b","timestamp":22,"time":null,"value":null,"seq":7,"state":"deleted"}]\n',
        ].join(''),
      },
    ),
    writes('revert --prefix zzz 5 --json', [], { stdout: '[]\n' }),
    refuses('revert a', 'revert needs the TIME whose values are to come back'),
    refuses('revert --prefix a', 'revert needs the TIME whose values are to come back'),
    refuses('revert --prefix user: a 5', '"a": with --prefix there is no KEY'),
  ]),
  writes(
    'revert plan 5',
    [
      ['keys p', 'price\n'],
      ['get plan --latest', 'later\n'],
    ],
    {
      stderr: 'note: "plan" has 1 version of the future, which stay\n',
    },
  ),
  refuses('revert', 'KEY is missing; with --prefix P it is all keys that begin so'),
  refuses('revert a 5 6', 'unexpected argument "6"; usage: timekv revert [KEY] [TIME]'),
  fails(3, 'revert a 5', noStore, { place: 'none' }),
];

export const changes = { init, set, delete: del, revert };
