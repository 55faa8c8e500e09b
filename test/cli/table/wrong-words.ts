/** Times, keys, lengths and counts that are none, wherever one is asked for. */
import { refuses, wordsOf, type Row } from './row.js';

/** Stands where the wrong word does. */
const place = 'WORD';

function tried(
  lines: readonly string[],
  kinds: readonly (readonly [string, string])[],
  more = {},
): Row[] {
  return lines.flatMap((line) =>
    kinds.map(([wrong, message]) =>
      refuses(
        wordsOf(line).map((word) => (word === place ? wrong : word)),
        message,
        more,
      ),
    ),
  );
}

const timeLines = [
  'get price WORD',
  'set price x WORD',
  'delete price WORD',
  'delete --prefix p WORD',
  'erase price WORD --yes',
  'revert price WORD',
  'keys --at WORD',
  'scan --at WORD',
  'diff WORD',
  'diff 10 WORD',
  'history price --from WORD',
  'history price --to WORD',
];

const forms = 'write an integer, @SECONDS, 2026-03-29T01:00, now or -2h (see: timekv help time)';
const lengths = 'durations are written 250ms, 30s, 15m, 2h, 7d, 2w, 1h30m or P1DT2H';
const range = 'is out of range: times lie between the years 1684 and 2255';

const times: [string, string][] = [
  ['soon', `"soon" is no time; ${forms}`],
  ['', `"" is no time; ${forms}`],
  ['5m', '"5m" is a duration, not a time; did you mean -5m?'],
  ['1h30m', '"1h30m" is a duration, not a time; did you mean -1h30m?'],
  ['P1D', '"P1D" is a duration, not a time; did you mean now-P1D?'],
  ['1.5', '"1.5" is no time; for seconds since 1970 write @1.5'],
  ['+5', `5 needs a unit, as in 5s; ${lengths}`],
  ['-1y', '1y: months and years have no fixed length; write days, as in 30d'],
  [
    '1700000000123456789',
    '1700000000123456789 is too large for a timestamp; for nanoseconds since 1970 write @1700000000123456789ns',
  ],
  [
    '9007199254740992',
    '9007199254740992 is too large for a timestamp; for nanoseconds since 1970 write @9007199254740992ns',
  ],
  [
    '99999999999999999999',
    '99999999999999999999 is too large for a timestamp; the limit is ±(2^53 − 1)',
  ],
  [
    '-99999999999999999999',
    '-99999999999999999999 is too small for a timestamp; the limit is ±(2^53 − 1)',
  ],
  ['@99999999999', `"@99999999999" ${range}`],
  ['@-9999999999999999ms', `"@-9999999999999999ms" ${range}`],
  ['2256-01-01T00:00Z', `"2256-01-01T00:00Z" ${range}`],
  ['now+999999w', `"now+999999w" ${range}`],
  ['2026-02-30', '"2026-02-30": there is no such day'],
  ['2026-03-29T25:00', '"2026-03-29T25:00": there is no such time of day'],
  ['2026-03-29T01:00+25:00', '"2026-03-29T01:00+25:00": there is no such offset'],
  [
    '2026-03-29T01:00+05:00[Europe/Berlin]',
    '2026-03-29T01:00+05:00[Europe/Berlin]: that is not the offset of Europe/Berlin then; write 2026-03-29T01:00+01:00',
  ],
  [
    '2026-03-29T01:00[Mars]',
    '"Mars" is no time zone; zones are written Europe/Berlin, UTC or +02:00',
  ],
  [
    '2026-03-29T02:30[Europe/Berlin]',
    '2026-03-29T02:30[Europe/Berlin] does not exist in Europe/Berlin; write 2026-03-29T01:30+01:00 or 2026-03-29T03:30+02:00',
  ],
  [
    '2026-10-25T02:30[Europe/Berlin]',
    '2026-10-25T02:30[Europe/Berlin] exists twice in Europe/Berlin; write 2026-10-25T02:30+02:00 or 2026-10-25T02:30+01:00',
  ],
];

/** Local times, in the zone of the environment or of `--tz`. */
const local: Row[] = [
  ...tried(
    timeLines,
    [
      [
        '2026-03-29T02:30',
        '2026-03-29T02:30 does not exist in Europe/Berlin; write 2026-03-29T01:30+01:00 or 2026-03-29T03:30+02:00',
      ],
      [
        '2026-10-25 02:30',
        '2026-10-25 02:30 exists twice in Europe/Berlin; write 2026-10-25T02:30+02:00 or 2026-10-25T02:30+01:00',
      ],
    ],
    { environment: { TZ: 'Europe/Berlin' } },
  ),
  ...tried(
    timeLines.map((line) => `${line} --tz Europe/Berlin`),
    [
      [
        '2026-03-29T02:30',
        '2026-03-29T02:30 does not exist in Europe/Berlin; write 2026-03-29T01:30+01:00 or 2026-03-29T03:30+02:00',
      ],
    ],
  ),
  ...tried(
    timeLines,
    [['2026-03-29', '"Mars" is no time zone; zones are written Europe/Berlin, UTC or +02:00']],
    {
      environment: { TZ: 'Mars' },
    },
  ),
];

const inTicks: [string, string][] = ['now', '-2h', '@5', '2026-03-29', '1.5', 'soon'].map(
  (word) => [
    word,
    `${JSON.stringify(word)}: this store counts ticks, so a time is a plain integer`,
  ],
);

/** The same in a row of a file. */
const inRows: Row[] = times
  .filter(([word]) => word !== '')
  .flatMap(([word, message]) => [
    refuses('import', `line 2: ${message}; nothing was imported`, {
      input: `key,value,timestamp\nprice,1,${word}\n`,
    }),
    {
      ...refuses('asof-join', `line 2: ${message}`, { input: `key,timestamp\nprice,${word}\n` }),
      stdout: 'key\ttimestamp\tvalue\n',
    },
  ]);

const keyLines = [
  'get WORD',
  'set WORD x',
  'set WORD x 5',
  'delete WORD',
  'erase WORD 5 --yes',
  'erase WORD --all --yes',
  'revert WORD 5',
  'history WORD',
  'watch --key WORD --limit 1 --timeout 5ms',
];
const long = 'k'.repeat(2049);
const keys: [string, string][] = [
  ['', 'the key is empty; a key is 1 to 2,048 bytes of text'],
  [long, 'the key has 2049 bytes; the most is 2048'],
  ['k\ud800', 'the key "k\\ud800" holds half of a surrogate pair, which has no UTF-8; remove it'],
];

const countLines = [
  'keys --limit WORD',
  'scan --limit WORD',
  'history price --limit WORD',
  'watch --limit WORD',
  'expire --limit WORD',
  'watch --since WORD --limit 1',
  'get price --back WORD',
  'set price x --on-conflict bump --max-bump WORD',
];
const counts: [string, string][] = ['many', '-5', '1.5', '', '1e3', '99999999999999999999'].map(
  (word) => [word, `${JSON.stringify(word)} is no count; write a whole number`],
);

const lengthLines = [
  'get price --max-age WORD',
  'get price --wait --timeout WORD',
  'history price --last WORD',
  'watch --timeout WORD',
  'asof-join --max-age WORD',
];
const noLengths: [string, string][] = [
  ['soon', `"soon" is no duration; ${lengths}`],
  ['', `"" is no duration; ${lengths}`],
  ['5', `5 needs a unit, as in 5s; ${lengths}`],
  ['-5s', `"-5s" is no duration; ${lengths}`],
  ['5m1h', `"5m1h" is no duration; ${lengths}`],
  ['1mo', '1mo: months and years have no fixed length; write days, as in 30d'],
  ['P1M', 'P1M: months and years have no fixed length; write days, as in 30d'],
];

export const wrongWords: Row[] = [
  ...tried(timeLines, times),
  ...local,
  ...tried(
    timeLines.filter((line) => !line.includes('--from')),
    inTicks,
    { place: 'ticks' },
  ),
  ...inRows,
  ...tried(keyLines, keys),
  ...tried(countLines, counts),
  ...tried(lengthLines, noLengths),
  ...tried(
    ['get a --max-age WORD', 'history a --last WORD', 'asof-join --max-age WORD'],
    [['5m', '"5m": this store counts ticks, so a duration is a plain integer']],
    { place: 'ticks' },
  ),
];
