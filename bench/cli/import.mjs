/**
 * `timekv import` beside the `sqlite3` shell's `.import`, each into a new store with everything on disk
 * at the end. SQLite has its table in two ways, with the shell's own settings: the rows in the order of
 * their key, and a plain table with an index. In the order in which they came, and in that of the keys.
 */
import { runProcess } from '../support/process.mjs';
import { hasProgram } from '../support/peers.mjs';
import { interleaved } from '../support/rounds.mjs';
import { timekv } from '../support/timekv.mjs';
import { inOrder, Prices, writeLines } from './rows.mjs';

const columns = 'key TEXT, timestamp INTEGER, value TEXT';
const tables = {
  'sqlite3 .import, primary key (key, timestamp)': `CREATE TABLE versions (${columns}, PRIMARY KEY (key, timestamp)) WITHOUT ROWID`,
  'sqlite3 .import, table and index': `CREATE TABLE versions (${columns}); CREATE UNIQUE INDEX places ON versions (key, timestamp)`,
};
const [fastest] = Object.keys(tables);

export const importing = {
  name: 'import',
  async measure({ workplace, results, isQuick }) {
    const versions = isQuick ? 100_000 : 1_000_000;
    const prices = new Prices(versions, versions / 10);
    const asTheyCame = writeLines(workplace.fresh('rows.csv'), prices.csvLines());
    const [header, ...lines] = prices.csvLines();
    const byKey = writeLines(workplace.fresh('sorted.csv'), [header, ...inOrder(lines)]);
    const hasSqlite = hasProgram('sqlite3', results);
    const count = versions.toLocaleString('en-GB');
    const turns = [];
    for (const [order, file] of [
      ['as they came', asTheyCame],
      ['in the order of keys', byKey],
    ]) {
      const work = `import of ${count} rows of CSV, ${order}`;
      const sample = ({ wallMs, cpuMs }, subject, wanted) => {
        const add = (what, value, limit) =>
          results.add(work, subject, { what, value, wanted: { of: fastest, ...limit } });
        add('wall, s', wallMs / 1000, wanted);
        add('CPU, s', cpuMs / 1000);
      };
      turns.push(async () => {
        const env = { TIMEKV_DIR: workplace.fresh('store') };
        sample(await runProcess(timekv('import', file), { env }), 'timekv', { atMost: 1 });
        await expectOutput(timekv('keys', '--count'), `${versions / 10}\n`, env);
      });
      for (const [subject, table] of hasSqlite ? Object.entries(tables) : []) {
        turns.push(async () => {
          const database = workplace.fresh('versions.db');
          const load = `.import --csv --skip 1 ${file} versions`;
          sample(await runProcess(['sqlite3', database, table, load]), subject);
          const counting = ['sqlite3', database, 'SELECT count(DISTINCT key) FROM versions'];
          await expectOutput(counting, `${versions / 10}\n`);
        });
      }
    }
    await interleaved(isQuick ? 1 : 3, turns);
  },
};

async function expectOutput(command, expected, env) {
  const { output } = await runProcess(command, { env });
  if (output !== expected) throw new Error(`${command.join(' ')} answered ${output}`);
}
