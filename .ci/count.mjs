/**
 * Adds up what the parts of `.ci/run` left in a directory: `NAME.status`, the exit status of a part,
 * and `NAME.json`, vitest's report, for those that run tests. Prints one line and fails if anything
 * failed or no test ran.
 *
 *   node .ci/count.mjs DIRECTORY
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const directory = process.argv[2] ?? '.';
const total = { passed: 0, failed: 0, skipped: 0 };
for (const file of readdirSync(directory)) {
  if (!file.endsWith('.status')) continue;
  const counts = countsOf(file.slice(0, -'.status'.length));
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
}
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

/** The tests of one part. A part that failed otherwise than by a test counts as one failure. */
function countsOf(name) {
  const status = readFileSync(join(directory, `${name}.status`), 'utf8').trim();
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const report = reportOf(name);
  for (const file of report?.testResults ?? []) {
    const failedBefore = counts.failed;
    for (const { status: outcome } of file.assertionResults) {
      if (outcome === 'passed') counts.passed += 1;
      else if (outcome === 'failed') counts.failed += 1;
      else counts.skipped += 1;
    }
    // A file that could not be loaded, or whose hooks failed, has no failed test of its own.
    if (file.status === 'failed' && counts.failed === failedBefore) counts.failed += 1;
  }
  const isReportLost = name.startsWith('test') && report === undefined;
  if (counts.failed === 0 && (status !== '0' || isReportLost)) counts.failed = 1;
  return counts;
}

function reportOf(name) {
  const path = join(directory, `${name}.json`);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}
