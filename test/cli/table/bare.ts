/** Lines that begin with no command. */
import { answers, refuses, refusesInJson, type Row } from './row.js';

const keysPage = `List the keys that have a value as of a time, in key order.

USAGE
  $ timekv keys [PREFIX] [OPTIONS]

ARGUMENTS
  [PREFIX]  only keys that begin so

FLAGS
  --all            every key with a history, whether it has a value or not
  --at=TIME        as of this time; default now
  --count          print only how many there are
  --end=KEY        last key, excluded
  --limit=N        at most so many
  --reverse        in reverse order
  --snapshot=NAME  read the snapshot of this name
  --start=KEY      first key, included

COMMON FLAGS
  -d, --dir=DIR                           the store; else $TIMEKV_DIR, else
                                          $XDG_DATA_HOME/timekv
      --allow-remote                      open a store on a network file system
                                          all the same
      --busy-timeout=DURATION             longest wait for another process
                                          (default 5s)
      --durability=full|process           what a finished write survives: power
                                          loss, or kill -9 only (default full)
      --format=table|json|ndjson|csv|tsv  format of rows (default table on a
                                          terminal, else tsv)
      --json                              answer in JSON; errors too, on stderr
      --memory=SIZE                       memory tier, at least 8M (default 64M)
      --no-color                          no colour
      --tz=ZONE                           zone of local times; else $TZ, else
                                          the system's

EXAMPLES
  $ timekv keys

  $ timekv keys user: --limit 10

  $ timekv keys --at yesterday --count
`;

export const bare: Row[] = [
  answers('--version', 'timekv <n>.<n>\n'),
  answers('help keys', keysPage),
  answers('keys --help', keysPage),
  answers('keys user: -h', keysPage),
  refuses([], 'which command? see: timekv help; for commands on stdin: timekv batch'),
  refuses([''], '"" is no command; see: timekv help'),
  refuses('gte a', '"gte" is no command; did you mean get?'),
  refusesInJson('gte a --json', '"gte" is no command; did you mean get?'),
  refuses('frobnicate', '"frobnicate" is no command; see: timekv help'),
  refuses('../cli/main', '"../cli/main" is no command; see: timekv help'),
  refuses('--raw', 'options come after the command: timekv COMMAND --raw …; see: timekv help'),
  refuses('-d x keys', 'options come after the command: timekv COMMAND -d …; see: timekv help'),
  refuses('help frob', 'there is no help on "frob"; see: timekv help'),
  refuses('help kyes', 'there is no help on "kyes"; did you mean keys?'),
  refuses('help keys scan', 'usage: timekv help [COMMAND|time]'),
];
