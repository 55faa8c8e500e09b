/** What is taken out: `erase`, `expire`. */
import { fails, inFormats, noStore, on, refuses, writes, type Row } from './row.js';

const told = (versions: string): string =>
  `note: erased ${versions}; the bytes leave the directory with compact --full, and backups are not reached\n`;
const one = { stderr: told('1 version') };
const without20: [string, string][] = [['history a', 'a\t10\tvalue\t\\N\t1\t1\n']];
const nothing = 'there was nothing to erase; `history KEY` lists the times of versions';
const unsaid = 'this cannot be undone: say --yes if it is wanted';

const erase: Row[] = [
  ...on({ place: 'ticks' }, [
    writes('erase a 20 --yes', without20, one),
    ...['--json', '--format json', '--format ndjson'].map((json) =>
      writes(`erase a 20 --yes ${json}`, without20, { ...one, stdout: '1\n' }),
    ),
    ...['table', 'csv', 'tsv'].map((format) =>
      writes(`erase a 20 --yes --format ${format}`, without20, one),
    ),
    // What it hid shows again, and now stays where it was.
    writes(
      'erase user:c 12 --yes',
      [
        ['get user:c', 'v\n'],
        [
          'set a 3 --json',
          '{"key":"a","timestamp":21,"time":null,"value":"3","seq":7,"state":"value"}\n',
        ],
      ],
      one,
    ),
    writes('erase a --all --yes', [['keys --all', 'b\nuser:c\n']], { stderr: told('2 versions') }),
    writes('erase a --all --yes --json', [['keys --all', 'b\nuser:c\n']], {
      stderr: told('2 versions'),
      stdout: '2\n',
    }),
    writes('erase --prefix user: --yes', [['keys --all', 'a\nb\n']], {
      stderr: told('2 versions'),
    }),
    writes(['erase', '--prefix', '', '--yes', '--json'], [['keys --all', '']], {
      stderr: told('5 versions'),
      stdout: '5\n',
    }),
    writes('erase --prefix zzz --yes --json', [['keys', 'a\nb\n']], {
      stderr: told('0 versions'),
      stdout: '0\n',
    }),
    // The very time of a version, and no other.
    fails(3, 'erase a 19 --yes', nothing),
    fails(3, 'erase new 20 --yes', nothing),
    fails(3, 'erase new --all --yes', nothing),
    // Nobody is there to be asked.
    refuses('erase a 20', unsaid),
    refuses('erase a --all', unsaid),
    refuses('erase --prefix user:', unsaid),
    refuses('erase a', 'erase needs the TIME of a version; for the whole history say --all'),
    refuses('erase a --yes', 'erase needs the TIME of a version; for the whole history say --all'),
    refuses('erase a 20 --all --yes', '"20": a whole history has no TIME'),
    refuses('erase --prefix user: 5 --yes', '"5": a whole history has no TIME'),
    refuses('erase --prefix user: a 5 --yes', '"a": with --prefix there is no KEY'),
    refuses('erase a --all --prefix user: --yes', '--all belongs to a KEY, not to --prefix'),
    refuses('erase --all --prefix user: --yes', '--all belongs to a KEY, not to --prefix'),
  ]),
  writes('erase price @1700000000 --yes', [['history price --from 31', '']], one),
  writes(
    'erase price 2023-11-15T07:13:20 --tz Asia/Tokyo --yes',
    [['history price --from 31', '']],
    {
      ...one,
    },
  ),
  refuses('erase', 'KEY is missing; with --prefix P it is all keys that begin so'),
  refuses('erase a 1 2', 'unexpected argument "2"; usage: timekv erase [KEY] [TIME]'),
  fails(3, 'erase a 5 --yes', noStore, { place: 'none' }),
  fails(3, 'erase --prefix a --yes', noStore, { place: 'none' }),
  fails(3, 'erase a 5 --yes', noStore, { place: 'foreign' }),
];

const stub: [string, string][] = [
  ['history token', 'token\t10\texpired\t20\t13\t\\N\n'],
  ['expire', ''],
];
const token = 'token\t10\texpired\t20\t12\tabc\n';
const tokenObject =
  '{"key":"token","timestamp":10,"time":"1970-01-01T00:00:00.000010Z","value":"abc","seq":12,"expiresAt":20,"state":"expired"}';

const expire: Row[] = [
  writes('expire', stub, { stdout: token }),
  writes('expire --json', stub, { stdout: `[${tokenObject}]\n` }),
  ...inFormats('expire', {
    table: [
      'key    timestamp  time                  state    expiresAt  seq  value',
      'token  10         1970-01-01 00:00:00Z  expired  20         12   abc\n',
    ].join('\n'),
    json: `[${tokenObject}]\n`,
    ndjson: `${tokenObject}\n`,
    csv: 'key,timestamp,state,expiresAt,seq,value\ntoken,10,expired,20,12,abc\n',
    tsv: token,
  }).map((row) => ({ ...row, after: stub })),
  writes('expire --limit 1', stub, { stdout: token }),
  writes('expire --limit 0', [['history token', token]]),
  writes('expire', [['keys', 'a\nb\n']], { place: 'ticks' }),
  writes('expire --json', [['keys', 'a\nb\n']], { place: 'ticks', stdout: '[]\n' }),
  writes('expire --format csv', [], {
    place: 'ticks',
    stdout: 'key,timestamp,state,expiresAt,seq,value\n',
  }),
  refuses('expire token', 'unexpected argument "token"; usage: timekv expire'),
  fails(3, 'expire', noStore, { place: 'none' }),
  fails(3, 'expire', noStore, { place: 'foreign' }),
];

/** Each of these is a line of a batch too. */
const some =
  'erase a 10 --yes\nerase a 10 --yes\nget a\nexpire\nset a 3\nerase --prefix user: --yes\n';

const sessions: Row[] = on({ place: 'ticks' }, [
  writes('batch', [['history a', 'a\t20\tvalue\t\\N\t2\t2\na\t21\tvalue\t\\N\t7\t3\n']], {
    input: some,
    stdout: '\\N\n2\n\\N\n',
    stderr: told('1 version') + told('2 versions'),
  }),
  writes('batch --json', [['keys --all', 'a\nb\n']], {
    input: some,
    stdout: [
      '1\nnull\n',
      '{"key":"a","timestamp":20,"time":null,"value":"2","seq":2,"state":"value"}\n[]\n',
      '{"key":"a","timestamp":21,"time":null,"value":"3","seq":7,"state":"value"}\n2\n',
    ].join(''),
    stderr: told('1 version') + told('2 versions'),
  }),
  {
    ...refuses('batch', '', { input: 'erase a 10\n' }),
    stderr: `line 1: ${unsaid}\n`,
  },
  // Nothing is answered before all of it is done; a seq is taken where something went.
  writes('batch --atomic', [['history a', 'a\t23\tvalue\t\\N\t9\t4\n']], {
    input: 'set a 3\nerase a --all --yes\nerase b 99 --yes\nset b y\nset a 4\nget a\n',
    stdout: '2\n',
  }),
  writes('batch --atomic --json', [['keys --all', 'b\n']], {
    input: [
      'set a 3',
      'erase a 21 --yes',
      'erase a 21 --yes',
      'erase a --all --yes',
      'get a',
      'set b y 30',
      'erase --prefix user: --yes',
      'erase --prefix zzz --yes\n',
    ].join('\n'),
    stdout: [
      '{"key":"a","timestamp":21,"time":null,"value":"3","seq":6,"state":"value"}\n1\nnull\n2\n',
      '{"key":"a","timestamp":20,"time":null,"value":"2","seq":2,"state":"value"}\n',
      '{"key":"b","timestamp":30,"time":null,"value":"y","seq":9,"state":"value"}\n2\n0\n',
    ].join(''),
  }),
  {
    ...refuses('batch --atomic', '', { input: 'set a 3\nexpire\n' }),
    stderr: 'line 2: expire cannot be part of an atomic batch\n',
  },
  {
    ...refuses('batch --atomic', '', { input: 'set a 3\nerase a 10\n' }),
    stderr: `line 2: ${unsaid}\n`,
  },
]);

/** Reads of what was taken out, in a session: the store is as the lines before have left it. */
const afterwards: Row[] = [
  {
    ...writes('batch --keep-going', stub, {
      input: 'expire\nget token 15\nget token 20\nkeys --at 15\nhistory token\n',
      stdout: `${token}\\N\nplan\nprice\ntoken\t10\texpired\t20\t13\t\\N\n`,
    }),
    code: 7,
    stderr: [
      'line 2: the value that "token" had from 10 to 20 has expired and was taken out; read it as of a time before or after that\n',
      'line 4: the value that "token" had from 10 to 20 has expired and was taken out; read it as of a time before or after that\n',
    ].join(''),
  },
];

export const erasing = { erase, expire, sessions, afterwards };
