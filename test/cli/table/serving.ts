/** `serve` goes on until it is stopped, which test/http sees to: here is what keeps it from it. */
import { refuses, refusesInJson, type Row } from './row.js';

const othersIn =
  '--host 0.0.0.0 lets others in; name a file with a token (--token-file), or say --insecure';
const noToken =
  '$FILES/lines has no token in line 1: 16 to 512 letters, digits and signs without a space; one is made by: openssl rand -hex 32';
const inLine = 'serve prints its address in a line, or with --json as an object';

const serve: Row[] = [
  refuses('serve --host 0.0.0.0', othersIn),
  refuses('serve --host example.org --port 0', othersIn.replace('0.0.0.0', 'example.org')),
  refusesInJson('serve --host 0.0.0.0 --json', othersIn),
  refuses('serve --host 0.0.0.0 --format json', othersIn),
  refuses('serve --token-file $FILES/lines', noToken),
  ...[
    '--insecure',
    '--read-only',
    '--verbose',
    '--no-color',
    '--allow-remote',
    '--memory 8M',
    '--busy-timeout 1s',
    '--durability full',
    '--durability process',
    '--dir $DIR',
    '--tz UTC',
  ].map((option) => refuses(`serve --token-file $FILES/lines ${option}`, noToken)),
  ...['table', 'ndjson', 'csv', 'tsv'].map((format) => refuses(`serve --format ${format}`, inLine)),
  ...['x', '-1', '65536', '1.5', ''].map((port) =>
    refuses(['serve', `--port=${port}`], `--port ${port}: write a number from 0 to 65535`),
  ),
];

export const serving = { serve };
