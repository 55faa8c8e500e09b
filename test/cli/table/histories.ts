/** What was and what comes: `history`, `watch`. */
import { answers, fails, inFormats, noStore, refuses, refusesInJson, type Row } from './row.js';

const prices = [
  'price\t10\tvalue\t\\N\t1\t9.95\n',
  'price\t20\tvalue\t\\N\t2\t12\n',
  'price\t30\tdeleted\t\\N\t3\t\\N\n',
  'price\t1700000000000000\tvalue\t\\N\t4\t14\n',
] as const;
const priceObjects = [
  '{"key":"price","timestamp":10,"time":"1970-01-01T00:00:00.000010Z","value":"9.95","seq":1,"state":"value"}',
  '{"key":"price","timestamp":20,"time":"1970-01-01T00:00:00.000020Z","value":"12","seq":2,"state":"value"}',
  '{"key":"price","timestamp":30,"time":"1970-01-01T00:00:00.000030Z","value":null,"seq":3,"state":"deleted"}',
  '{"key":"price","timestamp":1700000000000000,"time":"2023-11-14T22:13:20.000Z","value":"14","seq":4,"state":"value"}',
] as const;
const token = 'token\t10\texpired\t20\t12\tabc\n';

/** 1 from 10 on, and 2 at 20, which is now. */
const blanks = ' '.repeat(83);
const steps = [
  `  2 |${blanks}*`,
  ...Array.from({ length: 4 }, () => `    |${blanks}*`),
  `1.5 |${blanks}*`,
  ...Array.from({ length: 4 }, () => `    |${blanks}*`),
  `  1 |${'*'.repeat(84)}`,
  `    +${'-'.repeat(84)}`,
  `     10${' '.repeat(80)}20\n`,
].join('\n');

const history: Row[] = [
  answers('history price', prices.join('')),
  ...inFormats('history price', {
    table: [
      'key    timestamp         time                  state    seq  value',
      'price  10                1970-01-01 00:00:00Z  value    1    9.95',
      'price  20                1970-01-01 00:00:00Z  value    2    12',
      'price  30                1970-01-01 00:00:00Z  deleted  3',
      'price  1700000000000000  2023-11-14 22:13:20Z  value    4    14\n',
    ].join('\n'),
    json: `[${priceObjects.join(',\n')}]\n`,
    ndjson: `${priceObjects.join('\n')}\n`,
    csv: [
      'key,timestamp,state,expiresAt,seq,value',
      'price,10,value,,1,9.95',
      'price,20,value,,2,12',
      'price,30,deleted,,3,',
      'price,1700000000000000,value,,4,14\n',
    ].join('\n'),
    tsv: prices.join(''),
  }),
  ...inFormats('history token', {
    table: [
      'key    timestamp  time                  state    expiresAt  seq  value',
      'token  10         1970-01-01 00:00:00Z  expired  20         12   abc\n',
    ].join('\n'),
    json: '[{"key":"token","timestamp":10,"time":"1970-01-01T00:00:00.000010Z","value":"abc","seq":12,"expiresAt":20,"state":"expired"}]\n',
    ndjson:
      '{"key":"token","timestamp":10,"time":"1970-01-01T00:00:00.000010Z","value":"abc","seq":12,"expiresAt":20,"state":"expired"}\n',
    csv: 'key,timestamp,state,expiresAt,seq,value\ntoken,10,expired,20,12,abc\n',
    tsv: token,
  }),
  ...inFormats('history price --from 31 --to 32', {
    table: '',
    json: '[]\n',
    ndjson: '',
    csv: 'key,timestamp,state,expiresAt,seq,value\n',
    tsv: '',
  }),
  answers('history price --to 10 --json', `[${priceObjects[0]}]\n`),
  // The future too; bytes; the empty value.
  answers(
    'history plan',
    'plan\t10\tvalue\t\\N\t8\told\nplan\t9000000000000000\tvalue\t\\N\t9\tlater\n',
  ),
  answers('history user:cy', 'user:cy\t15\tvalue\t\\N\t7\t\\xff\n'),
  answers(
    'history user:bob --format csv',
    'key,timestamp,state,expiresAt,seq,value\nuser:bob,15,value,,6,""\n',
  ),
  answers('history price --from 20 --to 30', prices[1] + prices[2]),
  answers('history price --from @1', prices[3]),
  answers('history price --from -5 --to 10', prices[0]),
  answers('history price --limit 1', prices[0]),
  answers('history price --limit 0', ''),
  answers('history price --reverse', [...prices].reverse().join('')),
  answers('history price --reverse --limit 1', prices[3]),
  answers('history price --last 1h', ''),
  answers('history a --last 5', 'a\t20\tvalue\t\\N\t2\t2\n', { place: 'ticks' }),
  answers('history a --last 10 --reverse', 'a\t20\tvalue\t\\N\t2\t2\na\t10\tvalue\t\\N\t1\t1\n', {
    place: 'ticks',
  }),
  answers('history a --plot', steps, { place: 'ticks', environment: { TERM: 'dumb' } }),
  fails(3, 'history user:c --plot', '"user:c" has no numbers there', { place: 'ticks' }),
  fails(3, 'history nope', '"nope" has no history'),
  fails(3, 'history price', noStore, { place: 'none' }),
  refuses('history', 'history needs a KEY; usage: timekv history KEY'),
  refuses('history price 5', 'unexpected argument "5"; usage: timekv history KEY'),
  refuses('history price --last 1h --from 5', '--from does not go with --last; leave one out'),
  refuses('history price --to 5 --last 1h', '--to does not go with --last; leave one out'),
  refuses('history price --plot --limit 5', '--limit does not go with --plot; leave one out'),
  refuses('history price --plot --reverse', '--reverse does not go with --plot; leave one out'),
  refusesInJson('history price --plot --json', '--json does not go with --plot; leave one out'),
  refuses('history price --plot --format csv', '--format does not go with --plot; leave one out'),
];

const gone = 'gone\t5\tvalue\t\\N\t10\tx\ngone\t6\tdeleted\t\\N\t11\t\\N\n';
const goneObjects = [
  '{"key":"gone","timestamp":5,"time":"1970-01-01T00:00:00.000005Z","value":"x","seq":10,"state":"value"}\n',
  '{"key":"gone","timestamp":6,"time":"1970-01-01T00:00:00.000006Z","value":null,"seq":11,"state":"deleted"}\n',
].join('');

const watch: Row[] = [
  answers('watch --since 9 --limit 2', gone),
  ...inFormats('watch --since 9 --limit 2', {
    // Rows come one by one: nobody can know which columns will stay empty.
    table: [
      'key   timestamp  time                  state  expiresAt  seq  value',
      'gone  5          1970-01-01 00:00:00Z  value             10   x',
      'gone  6          1970-01-01 00:00:00Z  deleted             11\n',
    ].join('\n'),
    json: goneObjects,
    ndjson: goneObjects,
    csv: 'key,timestamp,state,expiresAt,seq,value\ngone,5,value,,10,x\ngone,6,deleted,,11,\n',
    tsv: gone,
  }),
  answers('watch --since 9 --limit 2 --json', goneObjects),
  answers('watch --since 11 --limit 1', token),
  answers('watch --since 10 --timeout 5ms', `gone\t6\tdeleted\t\\N\t11\t\\N\n${token}`),
  answers('watch --timeout 1ms', ''),
  answers('watch --limit 0', ''),
  answers('watch --key price --since 2 --limit 1', prices[2]),
  answers('watch user: --since 5 --limit 1', 'user:bob\t15\tvalue\t\\N\t6\t\n'),
  {
    ...fails(
      5,
      'watch plan --since 0 --limit 3 --timeout 5ms',
      '2 of 3 operations came in the time given; raise --timeout to wait for longer',
    ),
    stdout: 'plan\t10\tvalue\t\\N\t8\told\nplan\t9000000000000000\tvalue\t\\N\t9\tlater\n',
  },
  fails(
    7,
    'watch --since 0 --limit 1',
    'what was committed after seq 0 is no longer in the log as a whole; the oldest seq that can be asked for is 4',
    { place: 'compacted' },
  ),
  fails(3, 'watch --limit 1', noStore, { place: 'none' }),
  refuses('watch p --key price --limit 1', '--key price and the prefix p exclude each other'),
];

export const histories = { history, watch };
