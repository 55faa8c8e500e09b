/** `get`: one value, or many. */
import { answers, fails, inFormats, noStore, on, refuses, refusesInJson, type Row } from './row.js';

const price =
  '{"key":"price","timestamp":1700000000000000,"time":"2023-11-14T22:13:20.000Z","value":"14","seq":4,"state":"value"}\n';
const early =
  '{"key":"price","timestamp":20,"time":"1970-01-01T00:00:00.000020Z","value":"12","seq":2,"state":"value"}\n';
const fallback =
  '{"key":"nope","timestamp":null,"time":null,"value":"none","seq":null,"state":null}\n';

const one: Row[] = [
  answers('get price', '14\n'),
  answers('get price 10', '9.95\n'),
  answers('get price 29', '12\n'),
  answers('get price @1699999999.999999 --default none', 'none\n'),
  answers('get price @1700000000', '14\n'),
  answers('get price @0.00002', '12\n'),
  answers('get price 1970-01-01T00:00:00.000019', '9.95\n'),
  answers('get price 2023-11-14T22:13:20', '14\n'),
  answers('get price -2h', '14\n'),
  answers('get price now-1d', '14\n'),
  answers(['get', 'price', '2h ago'], '14\n'),
  answers('get plan 9000000000000000', 'later\n'),
  answers('get user:ann', 'a\tb\n'),
  answers('get user:bob', '\n'),
  answers('get user:cy', '\xff\n'),
  answers('get -- price', '14\n'),
  ...inFormats('get price', {
    table: '14\n',
    json: price,
    ndjson: price,
    csv: '14\n',
    tsv: '14\n',
  }),
  answers('get price --json', price),
  answers('get price 29 --json', early),
  answers(
    'get user:cy --json',
    '{"key":"user:cy","timestamp":15,"time":"1970-01-01T00:00:00.000015Z","value":{"base64":"/w=="},"seq":7,"state":"value"}\n',
  ),
  answers(
    'get token 12 --json',
    '{"key":"token","timestamp":10,"time":"1970-01-01T00:00:00.000010Z","value":"abc","seq":12,"expiresAt":20,"state":"value"}\n',
  ),
  answers(
    'get a --json',
    '{"key":"a","timestamp":20,"time":null,"value":"2","seq":2,"state":"value"}\n',
    {
      place: 'ticks',
    },
  ),
  // A local time, in the zone that is asked for, else in that of the environment.
  answers('get price 2023-11-14T23:13:20 --tz Europe/Berlin', '14\n'),
  fails(
    3,
    'get price 2023-11-14T23:13:19 --tz Europe/Berlin',
    '"price" has no value as of 2023-11-14T23:13:19',
  ),
  answers('get price 2023-11-14T23:13:20', '14\n', { environment: { TZ: 'Europe/Berlin' } }),
  answers('get price 2023-11-14T22:13:20 --tz UTC', '14\n', {
    environment: { TZ: 'America/New_York' },
  }),
  answers('get price -n', '14'),
  answers('get price --raw', '14'),
  answers('get user:cy --raw', '\xff'),
  answers('get user:bob -n', ''),
  answers('get plan', 'old\n'),
  answers('get plan --latest', 'later\n'),
  answers('get price --latest', '14\n'),
  answers('get price --back 0', '14\n'),
  answers('get price --back 2', '12\n'),
  answers('get price 20 --back 1', '9.95\n'),
  answers('get plan --latest --back 1', 'old\n'),
  answers('get price 25 --max-age 5us', '12\n'),
  answers('get a 25 --max-age 5', '2\n', { place: 'ticks' }),
  answers('get nope --default none', 'none\n'),
  answers('get price --default none', '14\n'),
  answers('get nope --default none -n', 'none'),
  answers('get nope --default none --json', fallback),
  answers(['get', 'nope', '--default', ''], '\n'),
  answers('get nope --default=-x', '-x\n'),
  answers('get nope --default none', 'none\n', { place: 'none' }),
  answers('get price --wait', '14\n'),
  answers('get price 20 --wait', '12\n'),
  answers('get price --wait --timeout 1s', '14\n'),
];

const nothing: Row[] = [
  fails(3, 'get nope', '"nope" has no value as of now'),
  fails(3, 'get price 9', '"price" has no value as of 9'),
  fails(3, 'get price 30', '"price" has no value as of 30'),
  fails(3, 'get token', '"token" has no value as of now'),
  fails(3, 'get token 20', '"token" has no value as of 20'),
  fails(3, 'get gone --latest', '"gone" has no value at any time'),
  fails(3, 'get price --back 1', '"price" has no value as of now, 1 version back'),
  fails(3, 'get price --back 9', '"price" has no value as of now, 9 versions back'),
  fails(3, 'get price 25 --max-age 4us', '"price" has no value as of 25, at most 4us old'),
  fails(
    5,
    'get nope --wait --timeout 5ms',
    '"nope" had no value in the time given; raise --timeout to wait for longer',
  ),
  fails(3, 'get price', noStore, { place: 'none' }),
  fails(3, 'get price', noStore, { place: 'foreign' }),
  ...on({ place: 'damaged' }, [
    fails(
      6,
      'get a 10',
      '$DAMAGED is damaged at offset 64: the checksum of a data block does not match; restore the file from a backup',
    ),
    answers('get a', '3\n'),
  ]),
];

const many: Row[] = on({ oclif: 'keyless' }, [
  answers('get --keys-from $FILES/keys --skip-bad --default none', '14\nnone\na\\tb\n'),
  answers('get --keys-from $FILES/keys --default none', '14\nnone\na\\tb\n'),
  answers('get --keys-from $FILES/keys 20 --default none', '12\nnone\na\\tb\n'),
  answers('get --keys-from -', '14\n', { input: 'price\n' }),
  answers('get --keys-from - --latest', 'later\n', { input: 'plan' }),
  answers('get --keys-from - --back 2', '12\n', { input: 'price\r\n' }),
  answers('get --keys-from - 25 --max-age 5us', '12\n', { input: 'price\n' }),
  ...inFormats('get --keys-from $FILES/keys --default none', {
    table: 'value  key\n14     price\nnone   nope\na\\tb   user:ann\n',
    json: `[${price.trimEnd()},\n${fallback.trimEnd()},\n{"key":"user:ann","timestamp":15,"time":"1970-01-01T00:00:00.000015Z","value":"a\\tb","seq":5,"state":"value"}]\n`,
    ndjson: `${price}${fallback}{"key":"user:ann","timestamp":15,"time":"1970-01-01T00:00:00.000015Z","value":"a\\tb","seq":5,"state":"value"}\n`,
    csv: 'value\n14\nnone\na\tb\n',
    tsv: '14\nnone\na\\tb\n',
  }),
  {
    ...fails(3, 'get --keys-from $FILES/keys', '1 of the keys has no value as of now'),
    stdout: '14\n\\N\na\\tb\n',
  },
  {
    ...fails(3, 'get --keys-from - 9', '2 of the keys have no value as of 9'),
    input: 'price\nuser:ann\n',
    stdout: '\\N\n\\N\n',
  },
  {
    ...refuses('get --keys-from $FILES/bad-keys --skip-bad', '1 bad row was skipped'),
    stdout: '14\na\\tb\n',
    stderr: 'line 2: has no key\ntimekv: 1 bad row was skipped\n',
  },
  {
    ...refuses('get --keys-from $FILES/bad-keys', 'line 2: has no key'),
    stdout: '14\n',
  },
]);

const written: Row[] = [
  refuses('get', 'get needs a KEY; usage: timekv get KEY [TIME]'),
  refuses('get price 1 2', 'unexpected argument "2"; usage: timekv get KEY [TIME]'),
  refuses('get price 5 --latest', '--latest takes no TIME'),
  refusesInJson('get price --raw --json', '--raw prints bytes; leave --json out'),
  refuses('get price --raw --format ndjson', '--raw prints bytes; leave --json out'),
  refuses('get price --timeout 5s', '--timeout is nothing without --wait'),
  refuses('get price --skip-bad', '--skip-bad is nothing without --keys-from'),
  refuses('get price --wait --latest', '--latest does not go with --wait; leave one out'),
  refuses('get --keys-from $FILES/keys --raw', '--raw does not go with --keys-from; leave one out'),
  refuses(
    'get --keys-from $FILES/keys --wait',
    '--wait does not go with --keys-from; leave one out',
  ),
  refuses('get --keys-from $FILES/keys price 5', '"price": with --keys-from there is no KEY'),
  refuses(
    'get price --default',
    '--default needs a value; one that begins with a hyphen is written --default=VALUE',
  ),
  refuses(
    'get price --default --raw',
    '--default needs a value; one that begins with a hyphen is written --default=VALUE',
  ),
  refuses('get price --default a --default b', 'option --default can only be specified once'),
  refuses(
    'get price -nz',
    'unknown option -nz: there is no -z; data that begins with a hyphen is written after --',
  ),
  refuses('get price -no-color', 'unknown option -no-color; did you mean --no-color?'),
  refuses('get price --lates', 'unknown option --lates; did you mean --latest?'),
  // How options may be written, and what is none.
  answers('get price -nd $HERE', '14'),
  answers('get -n -d$HERE price', '14'),
  answers('get -d=$HERE price', '14\n'),
  fails(3, 'get -- -x', '"-x" has no value as of now'),
  fails(1, 'get --keys-from /nowhere 5', 'cannot read /nowhere: there is no such file'),
];

export const gets = { get: [...one, ...nothing, ...many, ...written] };
