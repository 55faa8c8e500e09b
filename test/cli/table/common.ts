/**
 * The options that all commands share, tried with each of them: those that change no answer, and what
 * is wrong with an option wherever it is written.
 */
import { answers, on, refuses, refusesInJson, withWords, writes, type Row } from './row.js';
import { bashScript } from './sessions.js';
import { factLines } from './upkeep.js';

/** One line of each command. */
const lines: readonly Row[] = [
  ...on({ place: 'ticks' }, [
    answers('asof-join', 'key\ttimestamp\tvalue\na\t15\t1\n', { input: 'key,timestamp\na,15\n' }),
    writes('batch', [['get a', '3\n']], { input: 'set a 3\nget a\n', stdout: '3\n' }),
    writes('delete a', [['keys', 'b\n']]),
    answers('diff 10 15', 'b\tadded\t\\N\tx\nuser:c\tremoved\tv\t\\N\n'),
    writes('erase a 20 --yes', [['get a', '1\n']], {
      stderr:
        'note: erased 1 version; the bytes leave the directory with compact --full, and backups are not reached\n',
    }),
    writes('expire', [['get a', '2\n']]),
    answers('get a', '2\n'),
    answers('history b', 'b\t15\tvalue\t\\N\t3\tx\n'),
    writes('import', [['get c', '7\n']], { input: 'key,value\nc,7\n' }),
    writes('init', [['keys', 'a\nb\n']]),
    answers('keys', 'a\nb\n'),
    writes('retention set --keep-versions 2', [['retention', 'keepVersions\t2\n']]),
    writes('repl', [['get a', '3\n']], { input: 'set a 3\nget a\n', stdout: '3\n' }),
    writes('revert a 10', [['get a', '1\n']]),
    answers('scan', 'a\t2\nb\tx\n'),
    writes('set a 3', [['get a', '3\n']]),
    answers('watch --since 4 --limit 1', 'user:c\t12\tdeleted\t\\N\t5\t\\N\n'),
  ]),
  ...on({ place: 'compacted' }, [
    answers(
      'dump $SEGMENT',
      'a\t20\tvalue\t\\N\t2\t2\na\t10\tvalue\t\\N\t1\t1\nb\t15\tdeleted\t\\N\t3\t\\N\n',
      {
        stderr: 'segment <id> of the store <id>, <n> bytes\n',
      },
    ),
    answers('verify', '', { stderr: 'no damage: <n> files, <n> KiB, 4 versions\n' }),
    writes('snapshot', [['get a', '3\n']]),
    writes('compact', [['get a', '3\n']], {
      stdout:
        'segments: 1 before, 1 now; with the log: <n> KiB before, <n> KiB now; gave back 0 bytes\n',
    }),
  ]),
  writes('restore $BACKUP $HERE/new', [['get a --dir $HERE/new', '3\n']], {
    place: 'none',
    stdout:
      'up to seq 4; segments: 2 linked, 0 copied, 0 written anew, 0 there already; together <n> bytes\n',
  }),
  answers('export', 'key\ttimestamp\tstate\texpiresAt\tseq\tvalue\n', { place: 'empty' }),
  answers('completion bash', bashScript),
  answers('stats', factLines, { place: 'past' }),
  refuses('browse', 'browse needs a terminal; elsewhere use keys, history and get'),
];

const unchanging: readonly (readonly string[])[] = [
  ['--dir', '$HERE'],
  ['-d', '$HERE'],
  ['--memory', '8M'],
  ['--durability', 'full'],
  ['--durability', 'process'],
  ['--busy-timeout', '2s'],
  ['--allow-remote'],
  ['--tz', 'Europe/Berlin'],
  ['--no-color'],
];

const anywhere: readonly (readonly [words: readonly string[], message: string])[] = [
  [['--quux'], 'unknown option --quux; data that begins with a hyphen is written after --'],
  [['--jsno'], 'unknown option --jsno; did you mean --json?'],
  [['-x'], 'unknown option -x; data that begins with a hyphen is written after --'],
  [['--format', 'xml'], '--format xml: the formats are table, json, ndjson, csv, tsv'],
  [['--format', ''], '--format : the formats are table, json, ndjson, csv, tsv'],
  [['--tz', 'Mars'], '"Mars" is no time zone; zones are written Europe/Berlin, UTC or +02:00'],
  [['--tz', 'UTC', '--tz', 'UTC'], 'option --tz can only be specified once'],
  [['--dir', '$HERE', '-d', '$HERE'], 'option --dir can only be specified once'],
  [['--durability', 'none'], '--durability none: write full or process'],
  [
    ['--busy-timeout', '5'],
    '5 needs a unit, as in 5s; durations are written 250ms, 30s, 15m, 2h, 7d, 2w, 1h30m or P1DT2H',
  ],
  [['--busy-timeout', '1y'], '1y: months and years have no fixed length; write days, as in 30d'],
  [['--memory', 'much'], '"much" is no size; sizes are written 64M, 1G or 67108864'],
  [['--memory', '1M'], 'memory 1048576 is less than 8M, which is the least'],
  [['--dir', ''], '--dir needs the name of a directory'],
];

export const commonRows: Row[] = lines.flatMap((row) => [
  ...unchanging.map((words) => {
    const isDir = words.some((word) => word.includes('$HERE'));
    // What the environment names then is of no account.
    const environment = isDir ? { TIMEKV_DIR: '/dev/null' } : {};
    return { ...withWords(row, words), environment };
  }),
  ...anywhere.map(([words, message]) => ({
    ...withWords(row, words),
    ...refused(message),
  })),
  // Where answers are JSON, so is the error.
  refusesInJson(
    withWords(row, ['--json', '--format', 'csv']).words,
    '--format does not go with --json; leave one out',
    { place: row.place },
  ),
]);

function refused(message: string) {
  return { code: 2, stdout: '', stderr: `timekv: ${message}\n`, after: undefined };
}
