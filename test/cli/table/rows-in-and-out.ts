/** Rows of files: `import`, `export`, `asof-join`. */
import {
  answers,
  fails,
  foreign,
  inFormats,
  noStore,
  on,
  refuses,
  writes,
  type Line,
  type Row,
} from './row.js';

const imported: [Line, string][] = [
  ['history new', 'new\t10\tvalue\t\\N\t13\ta,b\nnew\t20\tvalue\t\\N\t14\t\n'],
];
const one: [Line, string][] = [['history new', 'new\t10\tvalue\t\\N\t13\ta\n']];

/** Input with a bad second row between two good ones: what is wrong with it, by its line. */
const badRows: [format: string, row: string, fault: string][] = [
  ['csv', ',5,x', 'has no key'],
  ['csv', '"",5,x', 'has no key'],
  ['csv', `${'k'.repeat(2049)},5,x`, 'the key has 2049 bytes; the most is 2048'],
  ['csv', '\xff,5,x', 'the key is not valid UTF-8'],
  ['csv', 'b,5', '2 cells, where the header has 3'],
  ['csv', 'b,5,x,y', '4 cells, where the header has 3'],
  ['csv', 'b,5,', 'has no value; an empty one is written "" in CSV and as nothing in TSV'],
  ['csv', 'b,5,x"y', 'a cell with a quote in it has to be quoted'],
  ['csv', 'b,5,"x"y', 'a closing quote is not followed by a comma'],
  ['csv', 'b,5m,x', '"5m" is a duration, not a time; did you mean -5m?'],
  ['csv', 'b,1.5,x', '"1.5" is no time; for seconds since 1970 write @1.5'],
  ['tsv', '\t5\tx', 'has no key'],
  ['tsv', 'b\t5', '2 cells, where the header has 3'],
  ['tsv', 'b\t5\t\\N', 'has no value; an empty one is written "" in CSV and as nothing in TSV'],
  ['tsv', 'b\t5\ta\\z', '\\z is no escape; write \\\\ for a backslash'],
  [
    'tsv',
    'b\tsoon\tx',
    '"soon" is no time; write an integer, @SECONDS, 2026-03-29T01:00, now or -2h (see: timekv help time)',
  ],
  ['ndjson', 'b,5,x', 'is no JSON'],
  ['ndjson', '[1]', 'is no JSON object'],
  ['ndjson', '{"timestamp":5,"value":"x"}', 'has no key'],
  ['ndjson', '{"key":{},"timestamp":5,"value":"x"}', '"key" is neither text nor a number'],
  [
    'ndjson',
    '{"key":"b","timestamp":1.5,"value":"x"}',
    'time 1.5 is no exact integer; write a time in quotes',
  ],
  [
    'ndjson',
    '{"key":"b","timestamp":5}',
    'has no value; an empty one is written "" in CSV and as nothing in TSV',
  ],
  [
    'ndjson',
    '{"key":"b","timestamp":5,"value":[1]}',
    'the value is neither text nor {"base64": …}',
  ],
  ['ndjson', '{"key":"b","timestamp":5,"value":"\\ud800"}', 'the value has a lone surrogate'],
  [
    'ndjson',
    '{"key":"b","timestamp":5,"value":"x","state":"odd"}',
    'the state "odd" is none of value, deleted and expired',
  ],
  [
    'ndjson',
    '{"key":"b","timestamp":5,"value":"x","state":"deleted"}',
    'is deleted, but has a value',
  ],
  [
    'ndjson',
    '{"key":"b","timestamp":5,"value":"x","expiresAt":5}',
    'expiresAt is not later than the time',
  ],
  ['ndjson', '\xff', 'is not valid UTF-8'],
];
const head: Record<string, string> = {
  csv: 'key,timestamp,value\n',
  tsv: 'key\ttimestamp\tvalue\n',
  ndjson: '',
};
const good: Record<string, string> = {
  csv: 'good,1,x\n',
  tsv: 'good\t1\tx\n',
  ndjson: '{"key":"good","timestamp":1,"value":"x"}\n',
};

/** The bad row stands first, so that nothing is written; then with `--skip-bad` good ones are. */
const bad: Row[] = badRows.flatMap(([format, row, fault]) => {
  const line = format === 'ndjson' ? 1 : 2;
  const input = Buffer.from(`${head[format] ?? ''}${row}\n${good[format] ?? ''}`, 'latin1');
  const skipped = `timekv: 1 bad row was skipped\n`;
  return [
    refuses(`import --input-format ${format}`, `line ${line}: ${fault}; nothing was imported`, {
      input,
    }),
    {
      ...writes(`import --input-format ${format} --skip-bad`, [['get good', 'x\n']], { input }),
      code: 2,
      stderr: `line ${line}: ${fault}\n${skipped}`,
    },
  ];
});

const counted = '{"imported":2,"skipped":0}\n';

const imports: Row[] = [
  writes('import $FILES/rows.csv', imported),
  writes('import $FILES/rows.csv --json', imported, { stdout: counted }),
  writes('import $FILES/rows.csv --format json', imported, { stdout: counted }),
  writes('import $FILES/rows.csv --format ndjson', imported, { stdout: counted }),
  writes('import $FILES/rows.csv --format table', imported),
  writes('import $FILES/rows.csv --format csv', imported),
  writes('import $FILES/rows.csv --format tsv', imported),
  writes('import $FILES/rows.tsv', [['history new', 'new\t10\tvalue\t\\N\t13\ta\\tb\n']]),
  writes('import $FILES/rows.ndjson', one),
  writes('import', one, { input: 'key,timestamp,value\nnew,10,a\n' }),
  writes('import -', one, { input: 'key,timestamp,value\r\nnew,10,a\r\n' }),
  writes('import --input-format csv', one, { input: 'value,timestamp,key\na,10,new' }),
  writes('import --input-format tsv -', one, { input: 'key\ttimestamp\tvalue\nnew\t10\ta\n' }),
  writes('import --input-format ndjson', one, {
    input: '{"timestamp":"10","value":"a","key":"new"}\n',
  }),
  writes('import $FILES/rows.csv --skip-bad', imported),
  writes('import --key k --time t --value v', one, { input: 'v,t,k\na,10,new\n' }),
  // Without a time each row has a now of its own.
  writes('import', [['history new', 'new\t21\tvalue\t\\N\t6\ta\nnew\t22\tvalue\t\\N\t7\tb\n']], {
    place: 'ticks',
    input: 'key,value\nnew,a\nnew,b\n',
  }),
  writes(
    'import --input-format ndjson',
    [
      [
        'history new --json',
        '[{"key":"new","timestamp":5,"time":"1970-01-01T00:00:00.000005Z","value":null,"seq":13,"state":"deleted"},\n{"key":"new","timestamp":6,"time":"1970-01-01T00:00:00.000006Z","value":{"base64":"/w=="},"seq":14,"expiresAt":7,"state":"expired"}]\n',
      ],
    ],
    {
      input:
        '{"key":"new","timestamp":5,"state":"deleted"}\n{"key":"new","timestamp":6,"expiresAt":7,"value":{"base64":"/w=="}}\n',
    },
  ),
  writes(
    'import --tz Asia/Tokyo',
    [['history new', 'new\t1782831600000000\tvalue\t\\N\t13\ta\n']],
    {
      input: 'key,timestamp,value\nnew,2026-07-01,a\n',
    },
  ),
  // Valid for so long, unless the row tells; who is deleted does not expire.
  ...[
    'new,10,a,,\nnew,20,b,,40\nnew,30,,deleted,',
    '"new",10,"a",,\nnew,20,b,"",40\nnew,30,"",deleted,',
  ].map((rows) =>
    writes(
      'import --ttl 5',
      [
        [
          'history new',
          'new\t10\texpired\t15\t6\ta\nnew\t20\tvalue\t40\t7\tb\nnew\t30\tdeleted\t\\N\t8\t\\N\n',
        ],
      ],
      { place: 'ticks', input: `key,timestamp,value,state,expiresAt\n${rows}\n` },
    ),
  ),
  writes('import --ttl 5', [['history new', 'new\t21\tvalue\t26\t6\ta\n']], {
    place: 'ticks',
    input: 'key,value\nnew,a\n',
  }),
  refuses(
    'import --ttl 5',
    '5 needs a unit, as in 5s; durations are written 250ms, 30s, 15m, 2h, 7d, 2w, 1h30m or P1DT2H',
    { input: 'key,value\nnew,a\n' },
  ),
  writes('import', [['keys', 'new\n']], { place: 'none', input: 'key,value\nnew,x\n' }),
  answers('import', '', { place: 'none', input: 'key,value\n' }),
  {
    ...writes('import --skip-bad --json', [['keys new', 'new\n']], {
      input: 'key,timestamp,value\nnew,1,x\nb,1.5,y\n,3,z\n',
      stdout: '{"imported":1,"skipped":2}\n',
    }),
    code: 2,
    stderr:
      '{"error":{"code":"ERR_TIMEKV_INVALID_ARGUMENT","message":"2 bad rows were skipped; line 3: \\"1.5\\" is no time; for seconds since 1970 write @1.5; line 4: has no key"}}\n',
  },
  {
    ...writes('import', [['keys new', 'new\n']], { input: 'key,value\nnew,x\n,y\nlate,z\n' }),
    code: 2,
    stderr: 'timekv: line 3: has no key; what stands up to line 2 is imported\n',
  },
  ...bad,
  refuses('import --input-format xml', '--input-format xml: write csv or tsv or ndjson'),
  refuses(
    'import --value v',
    'there is no column "v"; the columns are "key", "value"; name the right one with --value; nothing was imported',
    {
      input: 'key,value\na,b\n',
    },
  ),
  refuses(
    'import --time t',
    'there is no column "t"; the columns are "key", "value"; name the right one with --time; nothing was imported',
    {
      input: 'key,value\na,b\n',
    },
  ),
  refuses(
    'import',
    'there is no column "key"; the columns are "a", "b"; name the right one with --key; nothing was imported',
    {
      input: 'a,b\n1,2\n',
    },
  ),
  refuses('import', 'line 1: a quote is not closed; nothing was imported', {
    input: '"key,value\na,b\n',
  }),
  refuses(
    'import --input-format ndjson --time t',
    'line 1: has no field "t"; nothing was imported',
    {
      input: '{"key":"a","value":"b"}\n',
    },
  ),
  refuses('import a b', 'unexpected argument "b"; usage: timekv import [FILE]'),
  fails(
    1,
    'import /nowhere.csv',
    'cannot read /nowhere.csv: there is no such file; nothing was imported',
  ),
  refuses('import $FILES/rows.csv', `${foreign}; nothing was imported`, { place: 'foreign' }),
];

const versions = [
  'a\t10\tvalue\t\\N\t1\t1\n',
  'a\t20\tvalue\t\\N\t2\t2\n',
  'b\t15\tvalue\t\\N\t3\tx\n',
  'user:c\t5\tvalue\t\\N\t4\tv\n',
  'user:c\t12\tdeleted\t\\N\t5\t\\N\n',
].join('');
const objects = [
  '{"key":"a","timestamp":10,"time":null,"value":"1","seq":1,"state":"value"}',
  '{"key":"a","timestamp":20,"time":null,"value":"2","seq":2,"state":"value"}',
  '{"key":"b","timestamp":15,"time":null,"value":"x","seq":3,"state":"value"}',
  '{"key":"user:c","timestamp":5,"time":null,"value":"v","seq":4,"state":"value"}',
  '{"key":"user:c","timestamp":12,"time":null,"value":null,"seq":5,"state":"deleted"}',
];
const columns = ['key', 'timestamp', 'state', 'expiresAt', 'seq', 'value'];

const exports: Row[] = [
  ...on({ place: 'ticks' }, [
    answers('export', `${columns.join('\t')}\n${versions}`),
    answers('export --json', `[${objects.join(',\n')}]\n`),
    ...inFormats('export', {
      table: [
        'key     timestamp  state    seq  value',
        'a       10         value    1    1',
        'a       20         value    2    2',
        'b       15         value    3    x',
        'user:c  5          value    4    v',
        'user:c  12         deleted  5\n',
      ].join('\n'),
      json: `[${objects.join(',\n')}]\n`,
      ndjson: `${objects.join('\n')}\n`,
      csv: `${columns.join(',')}\n${versions.replaceAll('\\N', '').replaceAll('\t', ',')}`,
      tsv: `${columns.join('\t')}\n${versions}`,
    }),
  ]),
  refuses('export all', 'unexpected argument "all"; usage: timekv export'),
  fails(3, 'export', noStore, { place: 'none' }),
];

const joined =
  'key\ttimestamp\tshares\tvalue\nprice\t15\t3\t9.95\nprice\t35\t4\t\\N\nuser:ann\t15\t5\ta\\tb\n';
const joinedObjects = [
  '{"key":"price","timestamp":"15","shares":"3","value":"9.95"}',
  '{"key":"price","timestamp":"35","shares":"4","value":null}',
  '{"key":"user:ann","timestamp":"15","shares":"5","value":"a\\tb"}',
];
const twoBad = 'key,timestamp\nprice,15\n,15\nprice,soon\n';
const soon =
  '"soon" is no time; write an integer, @SECONDS, 2026-03-29T01:00, now or -2h (see: timekv help time)';

const join: Row[] = [
  answers('asof-join $FILES/trades.csv', joined),
  ...inFormats('asof-join $FILES/trades.csv', {
    table: [
      'key       timestamp  shares  value',
      'price     15         3       9.95',
      'price     35         4',
      'user:ann  15         5       a\\tb\n',
    ].join('\n'),
    json: `[${joinedObjects.join(',\n')}]\n`,
    ndjson: `${joinedObjects.join('\n')}\n`,
    csv: 'key,timestamp,shares,value\nprice,15,3,9.95\nprice,35,4,\nuser:ann,15,5,a\tb\n',
    tsv: joined,
  }),
  answers('asof-join $FILES/trades.csv --json', `[${joinedObjects.join(',\n')}]\n`),
  answers('asof-join $FILES/trades.tsv', 'key\ttimestamp\tshares\tvalue\nprice\t15\t3\t9.95\n'),
  // What came as an object goes out as it came.
  answers(
    'asof-join $FILES/trades.ndjson --format ndjson',
    '{"key":"price","timestamp":15,"shares":3.0,"value":"9.95"}\n',
  ),
  answers('asof-join', 'key\ttimestamp\tvalue\nprice\t20\t12\n', {
    input: 'key,timestamp\nprice,20\n',
  }),
  answers('asof-join -', 'key\ttimestamp\tvalue\nprice\t20\t12\n', {
    input: 'key,timestamp\nprice,20\n',
  }),
  answers('asof-join --input-format csv', 'key\ttimestamp\tvalue\n', { input: 'key,timestamp\n' }),
  answers('asof-join --input-format tsv', 'key\ttimestamp\tvalue\nprice\t20\t12\n', {
    input: 'key\ttimestamp\nprice\t20\n',
  }),
  answers('asof-join --input-format ndjson', 'key\ttimestamp\tvalue\nprice\t20\t12\n', {
    input: '{"key":"price","timestamp":20}\n',
  }),
  answers('asof-join --skip-bad', 'key\ttimestamp\tvalue\n', { input: 'key,timestamp\n' }),
  answers('asof-join --key k --time t --as cost', 't\tk\tcost\n20\tprice\t12\n', {
    input: 't,k\n20,price\n',
  }),
  answers('asof-join --max-age 4us --format csv', 'key,timestamp,value\nprice,24,12\nprice,25,\n', {
    input: 'key,timestamp\nprice,24\nprice,25\n',
  }),
  answers('asof-join --default none', 'key\ttimestamp\tvalue\nprice\t9\tnone\n', {
    input: 'key,timestamp\nprice,9\n',
  }),
  answers(
    'asof-join --tz Europe/Berlin --as v',
    'key\ttimestamp\tv\nprice\t2023-11-14T23:13:20\t14\n',
    {
      input: 'key,timestamp\nprice,2023-11-14T23:13:20\n',
    },
  ),
  {
    ...refuses('asof-join --skip-bad', '2 bad rows were skipped', { input: twoBad }),
    stdout: 'key\ttimestamp\tvalue\nprice\t15\t9.95\n',
    stderr: `line 3: has no key\nline 4: ${soon}\ntimekv: 2 bad rows were skipped\n`,
  },
  {
    ...refuses('asof-join', 'line 3: has no key', { input: twoBad }),
    stdout: 'key\ttimestamp\tvalue\nprice\t15\t9.95\n',
  },
  {
    ...refuses('asof-join', 'line 2: has no time', { input: 'key,timestamp\nprice,\n' }),
    stdout: 'key\ttimestamp\tvalue\n',
  },
  refuses(
    'asof-join $FILES/trades.csv --as shares',
    'there is a column "shares"; name the new one with --as',
  ),
  refuses(
    'asof-join $FILES/trades.csv --key k',
    'there is no column "k"; the columns are "key", "timestamp", "shares"; name the right one with --key',
  ),
  refuses(
    'asof-join $FILES/trades.csv --time t',
    'there is no column "t"; the columns are "key", "timestamp", "shares"; name the right one with --time',
  ),
  refuses('asof-join --input-format xml', '--input-format xml: write csv or tsv or ndjson'),
  refuses('asof-join a b', 'unexpected argument "b"; usage: timekv asof-join [FILE]'),
  fails(1, 'asof-join /nowhere', 'cannot read /nowhere: there is no such file'),
  fails(3, 'asof-join', noStore, { place: 'none' }),
];

export const rowsInAndOut = { import: imports, export: exports, 'asof-join': join };
