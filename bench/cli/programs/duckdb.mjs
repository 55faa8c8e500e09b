/**
 * What DuckDB does beside asof-join. Run:
 *   node duckdb.mjs load DATABASE VERSIONS.csv
 *   node duckdb.mjs join DATABASE ROWS.csv ANSWER.csv
 */
import { DuckDBInstance } from '@duckdb/node-api';

const [verb, database, file, answer] = process.argv.slice(2);
const instance = await DuckDBInstance.create(database);
const connection = await instance.connect();

const statements = {
  load: `CREATE TABLE versions AS FROM read_csv('${file}', header = true, columns =
    {'key': 'VARCHAR', 'timestamp': 'BIGINT', 'value': 'VARCHAR'})`,
  join: `COPY (
    SELECT asked.id, asked.key, asked.timestamp, versions.value
    FROM read_csv('${file}', header = true, columns =
      {'id': 'BIGINT', 'key': 'VARCHAR', 'timestamp': 'BIGINT'}) asked
    ASOF LEFT JOIN versions
    ON asked.key = versions.key AND asked.timestamp >= versions.timestamp
  ) TO '${answer}' (FORMAT csv, HEADER)`,
};
await connection.run(statements[verb]);
connection.closeSync();
instance.closeSync();
console.log(JSON.stringify({ done: verb }));
