/**
 * `timekv asof-join` beside DuckDB's ASOF JOIN: the same rows of CSV, joined to the same versions, which
 * each of them has in a store of its own; the answer goes to a file as CSV. DuckDB works with its own
 * settings, thus with all cores and as much memory as it likes. Whole processes; the answers have to be
 * the same, row by row (DuckDB's come in any order).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasPackage } from '../support/peers.mjs';
import { runProcess, runProgram } from '../support/process.mjs';
import { interleaved } from '../support/rounds.mjs';
import { timekv } from '../support/timekv.mjs';
import { inOrder, Prices, writeLines } from './rows.mjs';

const duckdb = 'DuckDB ASOF JOIN';
const program = join(import.meta.dirname, 'programs/duckdb.mjs');

export const asofJoin = {
  name: 'asof-join',
  async measure({ workplace, results, isQuick }) {
    const count = isQuick ? 100_000 : 1_000_000;
    const prices = new Prices(count, count / 10);
    const versions = writeLines(workplace.fresh('rows.csv'), prices.csvLines());
    const questions = writeLines(workplace.fresh('questions.csv'), prices.questionLines(count));
    const env = { TIMEKV_DIR: workplace.fresh('store') };
    await runProcess(timekv('import', versions), { env });
    const text = count.toLocaleString('en-GB');
    const work = `asof-join of ${text} rows of CSV to ${text} versions`;
    const sample = ({ wallMs, cpuMs, peakMiB }, subject) => {
      const add = (what, value) =>
        results.add(work, subject, { what, value, wanted: { of: duckdb } });
      add('wall, s', wallMs / 1000);
      add('CPU, s', cpuMs / 1000);
      add('peak memory, MiB', peakMiB);
    };
    const ours = workplace.fresh('timekv.csv');
    const theirs = workplace.fresh('duckdb.csv');
    const turns = [
      async () => {
        const command = timekv('asof-join', questions, '--format', 'csv');
        sample(await runProcess(command, { env, stdout: ours, peak: true }), 'timekv');
      },
    ];
    if (hasPackage('@duckdb/node-api', results)) {
      const database = workplace.fresh('versions.duckdb');
      await runProgram(program, ['load', database, versions]);
      turns.push(async () => {
        const args = ['join', database, questions, theirs];
        sample(await runProgram(program, args, { peak: true }), duckdb);
      });
    }
    await interleaved(isQuick ? 1 : 3, turns);
    if (turns.length > 1) results.note(sameAnswers(ours, theirs, count));
  },
};

/** @throws if the answers differ */
function sameAnswers(ours, theirs, count) {
  const [a, b] = [ours, theirs].map((path) => {
    const [header, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
    return [header, ...inOrder(lines)];
  });
  const different = a.findIndex((line, at) => line !== b[at]);
  if (different !== -1) throw new Error(`asof-join: ${a[different]}, but DuckDB ${b[different]}`);
  if (a.length !== count + 1 || b.length !== a.length) throw new Error(`${a.length} answers`);
  return `asof-join and DuckDB answered the same ${count.toLocaleString('en-GB')} rows`;
}
