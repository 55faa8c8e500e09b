/** The store itself: `snapshot`, `restore`, `compact`, `stats`, `verify`, `dump`. */
import { answers, fails, inFormats, noStore, on, refuses, writes, type Row } from './row.js';

const kept: [string, string][] = [
  ['history a', 'a\t10\tvalue\t\\N\t1\t1\na\t20\tvalue\t\\N\t2\t2\na\t30\tvalue\t\\N\t4\t3\n'],
];

const noSnapshot = 'there is no snapshot "none"; timekv snapshot --list names those that there are';
const noName =
  "'../x' is no name for a snapshot; use 1 to 64 letters, digits, dots, hyphens and underscores, a letter or digit first";
const noneCalledOne =
  'there is no snapshot "one"; timekv snapshot --list names those that there are';

const snapshot: Row[] = [
  ...on({ place: 'past' }, [
    writes('snapshot', kept),
    ...['--json', '--format json', '--format ndjson'].map((json) =>
      writes(`snapshot ${json}`, kept, { stdout: 'null\n' }),
    ),
    ...['table', 'csv', 'tsv'].map((format) => writes(`snapshot --format ${format}`, kept)),
  ]),
  fails(3, 'snapshot', noStore, { place: 'none' }),
  ...on({ place: 'kept' }, [
    writes('snapshot now', [['get a --snapshot now', '2\n']]),
    writes('snapshot now --json', [['get a --snapshot now', '2\n']], {
      stdout: '{"name":"now","seq":4,"now":<n>,"createdAt":<n>,"time":"<time>"}\n',
    }),
    answers('snapshot --list', 'then\t2\t<n>\t<n>\n'),
    answers('snapshot --list --format csv', 'name,seq,now,createdAt\nthen,2,<n>,<n>\n'),
    answers(
      'snapshot --list --format ndjson',
      '{"name":"then","seq":2,"now":<n>,"createdAt":<n>,"time":"<time>"}\n',
    ),
    writes('snapshot --remove then', [['snapshot --list', '']]),
    fails(
      4,
      'snapshot then',
      'there is a snapshot "then" already; choose another name, or remove it',
    ),
    ...['snapshot --remove none', 'get a --snapshot none', 'keys --snapshot none'].map((line) =>
      fails(3, line, noSnapshot),
    ),
    refuses('snapshot ../x', noName),
    refuses('get a --snapshot ../x', noName),
    refuses('snapshot x --list', '"x": --list and --remove take no NAME'),
    refuses('snapshot x --remove then', '"x": --list and --remove take no NAME'),
    answers('get a --snapshot then', '1\n'),
    answers('get b --snapshot then', 'x\n'),
    answers('get a 15 --snapshot then', '1\n'),
    answers('keys --snapshot then', 'a\nb\n'),
    answers('scan --snapshot then', 'a\t1\nb\tx\n'),
    answers('history a --snapshot then', 'a\t10\tvalue\t\\N\t1\t1\n'),
    answers('diff 5 --snapshot then', 'a\tadded\t\\N\t1\nb\tadded\t\\N\tx\n'),
    answers(
      'export --snapshot then',
      'key\ttimestamp\tstate\texpiresAt\tseq\tvalue\na\t10\tvalue\t\\N\t1\t1\nb\t10\tvalue\t\\N\t2\tx\n',
    ),
    answers('asof-join --snapshot then', 'key\ttimestamp\tvalue\na\t30\t1\n', {
      input: 'key,timestamp\na,30\n',
    }),
  ]),
  refuses(['snapshot', 'a b'], noName.replace('../x', 'a b')),
  ...on({ place: 'past' }, [
    answers('snapshot --list', ''),
    fails(3, 'snapshot --remove one', noneCalledOne),
    refuses('snapshot --list --remove one', '--remove does not go with --list; leave one out'),
  ]),
];

const exported =
  'up to seq 4; segments: 2 linked, 0 copied, 0 written anew, 0 there already; together <n> bytes\n';
const copied = '{"seq":4,"linked":2,"copied":0,"written":0,"kept":0,"bytes":<n>}\n';
const inBackup: [string, string][] = [['get a 25 --dir $HERE/backup', '2\n']];
const exportsDir = 'snapshot --export $HERE/backup';

const exporting: Row[] = [
  ...on({ place: 'past' }, [
    writes(exportsDir, inBackup, { stdout: exported }),
    ...['--json', '--format json', '--format ndjson'].map((json) =>
      writes(`${exportsDir} ${json}`, inBackup, { stdout: copied }),
    ),
    fails(3, `${exportsDir} one`, noneCalledOne, { after: kept }),
  ]),
  writes(`${exportsDir} first`, [['history a --dir $HERE/backup', 'a\t10\tvalue\t\\N\t1\t1\n']], {
    place: 'named',
    stdout: exported.replace('seq 4', 'seq 1').replace('2 linked', '1 linked'),
  }),
  fails(
    4,
    'snapshot --export $HERE',
    '$HERE holds a store that is no backup; choose another directory',
    {
      place: 'past',
      after: kept,
    },
  ),
  refuses(['snapshot', '--export', ''], '--export needs the name of a directory'),
  refuses('snapshot --export x --list', '--export does not go with --list; leave one out'),
  refuses('snapshot --export x --remove one', '--export does not go with --remove; leave one out'),
  fails(
    1,
    'snapshot',
    '$HERE is a backup, which is only read; to write, make a store of it: timekv restore $HERE DIR',
    { place: 'backup' },
  ),
];

const again = 'restore $BACKUP $HERE/new';
const restoredHere: [string, string][] = [
  ['history a --dir $HERE/new', kept[0]?.[1] ?? ''],
  [
    'set a 5 50 --dir $HERE/new --json',
    '{"key":"a","timestamp":50,"time":"1970-01-01T00:00:00.000050Z","value":"5","seq":5,"state":"value"}\n',
  ],
];

const restore: Row[] = [
  writes(again, restoredHere, { place: 'none', stdout: exported }),
  ...['--json', '--format json', '--format ndjson'].map((json) =>
    writes(`${again} ${json}`, restoredHere, { place: 'none', stdout: copied }),
  ),
  ...['table', 'csv', 'tsv'].map((format) =>
    writes(`${again} --format ${format}`, restoredHere, { place: 'none', stdout: exported }),
  ),
  fails(
    4,
    'restore $BACKUP $HERE',
    '$HERE is not empty (there is a store in it); restore into an empty or new directory',
  ),
  fails(
    4,
    'restore $BACKUP $HERE',
    '$HERE is not empty (there is "novel.txt" in it); restore into an empty or new directory',
    { place: 'foreign' },
  ),
  refuses(
    'restore $HERE /nowhere',
    '$HERE is a store, not a backup of one; make a backup of it first: timekv snapshot --export DIR',
  ),
  fails(
    3,
    'restore $HERE /nowhere',
    'there is no backup in $HERE; name the directory that timekv snapshot --export made',
    { place: 'none' },
  ),
  refuses('restore $BACKUP', 'restore needs a DIR; usage: timekv restore FROM DIR'),
  refuses(['restore', '', 'x'], 'FROM needs the name of a directory'),
  refuses(['restore', '$BACKUP', ''], 'DIR needs the name of a directory'),
];

const gaveBack =
  'segments: 1 before, 2 now; with the log: <n> KiB before, <n> KiB now; gave back 0 bytes\n';
const merged =
  'segments: 1 before, 1 now; with the log: <n> KiB before, <n> KiB now; gave back <n> bytes\n';
const result =
  '{"letGo":{"keys":0,"versions":0,"bytes":0},"segmentsBefore":1,"segmentsAfter":2,"bytesBefore":<n>,"bytesAfter":<n>}\n';

const compact: Row[] = [
  ...on({ place: 'past' }, [
    writes('compact', kept, { stdout: gaveBack }),
    writes('compact --full', kept, { stdout: merged }),
    ...['auto', 'off'].map((compress) =>
      writes(`compact --full --compress ${compress}`, kept, { stdout: merged }),
    ),
    writes('compact --full --json', kept, { stdout: result.replace('After":2', 'After":1') }),
    ...['json', 'ndjson'].map((format) =>
      writes(`compact --format ${format}`, kept, { stdout: result }),
    ),
    ...['table', 'csv', 'tsv'].map((format) =>
      writes(`compact --format ${format}`, kept, { stdout: gaveBack }),
    ),
  ]),
  refuses('compact all', 'unexpected argument "all"; usage: timekv compact'),
  refuses('compact --compress zip', '--compress zip: write auto or off'),
  fails(3, 'compact', noStore, { place: 'none' }),
];

/** What `stats` says: the numbers that can be known by heart, and the sizes. */
const facts: [string, string][] = [
  ['unit', 'us'],
  ['seq', '4'],
  ['entries', '4'],
  ['segments.count', '1'],
  ['segments.bytes', '<n>'],
  ['wal.files', '1'],
  ['wal.bytes', '<n>'],
  ['wal.keptFiles', '1'],
  ['wal.keptBytes', '<n>'],
  ['memory.limit', '<n>'],
  ['memory.memtables', '<n>'],
  ['memory.cache', '<n>'],
  ['memory.indexes', '<n>'],
  ['cache.hits', '<n>'],
  ['cache.misses', '<n>'],
  ['waiting.flushes', '0'],
  ['waiting.merges', '0'],
  ['amplification', '<n>'],
];
export const factLines = facts.map((fact) => `${fact.join('\t')}\n`).join('');
const statsObject =
  '{"unit":"us","seq":4,"entries":4,"segments":{"count":1,"bytes":<n>},"wal":{"files":1,"bytes":<n>,"keptFiles":1,"keptBytes":<n>},"memory":{"limit":<n>,"memtables":<n>,"cache":<n>,"indexes":<n>},"cache":{"hits":<n>,"misses":<n>},"waiting":{"flushes":0,"merges":0},"amplification":<n>}\n';

const stats: Row[] = [
  ...on({ place: 'past' }, [
    answers('stats', factLines),
    answers('stats --json', statsObject),
    ...inFormats('stats', {
      table: `name              value\n${facts.map(([name, fact]) => `${name.padEnd(16)}  ${fact}\n`).join('')}`,
      json: statsObject,
      ndjson: statsObject,
      csv: `name,value\n${factLines.replaceAll('\t', ',')}`,
      tsv: factLines,
    }),
  ]),
  answers('stats --memory 8M', factLines.replace('limit\t<n>', 'limit\t8388608'), {
    place: 'past',
  }),
  refuses('stats price', 'unexpected argument "price"; usage: timekv stats'),
  fails(3, 'stats', noStore, { place: 'none' }),
];

const sound = 'no damage: 6 files, <n> KiB, 4 versions\n';
const soundReport = '{"files":6,"bytes":<n>,"entries":4,"damages":[],"leftovers":[],"losses":[]}\n';
const found =
  '1 damage in 1 file; restore from a backup, or go on without what is lost: timekv verify --quarantine';

const damage =
  '$DAMAGED\t64\tthe checksum of a data block does not match\tversions of keys from "a" to the last\n';
const given = [
  'lost with <id>.seg: 3 of 3 versions: versions of keys from "a" to the last\n',
  'what was damaged lies in quarantine, and the rest can be read\n',
].join('');

const verify: Row[] = [
  ...on({ place: 'past' }, [
    answers('verify', '', { stderr: sound }),
    answers('verify --json', soundReport),
    ...inFormats('verify', {
      table: '',
      json: soundReport,
      ndjson: soundReport,
      csv: 'file,offset,what,lost\n',
      tsv: '',
    }).map((row) => (row.stdout.startsWith('{') ? row : { ...row, stderr: sound })),
    answers('verify --quarantine', '', { stderr: sound }),
    answers('verify --quarantine --yes', '', { stderr: sound }),
  ]),
  ...on({ place: 'damaged' }, [
    { ...fails(6, 'verify', found), stdout: damage },
    {
      ...refuses('verify --quarantine', 'this cannot be undone: say --yes if it is wanted'),
      stdout: damage,
    },
    writes('verify --quarantine --yes', [['get a', '3\n']], { stdout: damage, stderr: given }),
  ]),
  refuses('verify --yes', '--yes is nothing without --quarantine'),
  refuses('verify all', 'unexpected argument "all"; usage: timekv verify'),
  fails(3, 'verify', 'there is no timekv store in $HERE; name its directory', { place: 'none' }),
];

const inSegment = [
  'a\t20\tvalue\t\\N\t2\t2\n',
  'a\t10\tvalue\t\\N\t1\t1\n',
  'b\t15\tdeleted\t\\N\t3\t\\N\n',
].join('');
const segmentObjects = [
  '{"key":"a","timestamp":20,"time":null,"value":"2","seq":2,"state":"value"}',
  '{"key":"a","timestamp":10,"time":null,"value":"1","seq":1,"state":"value"}',
  '{"key":"b","timestamp":15,"time":null,"value":null,"seq":3,"state":"deleted"}',
];
const segmentNote = 'segment <id> of the store <id>, <n> bytes\n';

const dump: Row[] = [
  answers('dump $SEGMENT', inSegment, { stderr: segmentNote }),
  ...inFormats('dump $SEGMENT', {
    table: [
      'key  timestamp  state    seq  value',
      'a    20         value    2    2',
      'a    10         value    1    1',
      'b    15         deleted  3\n',
    ].join('\n'),
    json: `[${segmentObjects.join(',\n')}]\n`,
    ndjson: `${segmentObjects.join('\n')}\n`,
    csv: 'key,timestamp,state,expiresAt,seq,value\na,20,value,,2,2\na,10,value,,1,1\nb,15,deleted,,3,\n',
    tsv: inSegment,
  }).map((row) => ({ ...row, stderr: row.stdout.includes('{') ? '' : segmentNote })),
  answers('dump $SEGMENT --json', `[${segmentObjects.join(',\n')}]\n`),
  answers(
    'dump $WAL --format ndjson',
    '{"key":"a","timestamp":30,"time":null,"value":"3","seq":4,"state":"value"}\n',
  ),
  refuses('dump', 'dump needs a FILE; usage: timekv dump FILE'),
  refuses(['dump', ''], 'FILE is empty'),
  refuses('dump a b', 'unexpected argument "b"; usage: timekv dump FILE'),
  fails(1, 'dump /nowhere', 'cannot read /nowhere: there is no such file'),
  refuses(
    'dump $FILES/no-store-file',
    '$FILES/no-store-file is neither a WAL (.wal) nor a segment (.seg) of timekv',
  ),
];

export const upkeep = { snapshot, exporting, restore, compact, stats, verify, dump };
