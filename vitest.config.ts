import { configDefaults, defineConfig } from 'vitest/config';

/** `npm test` leaves out what takes minutes; those have scripts of their own, which set the variable. */
const slow = ['test/crash/**', 'test/long/**'];
const wantsSlow = process.env['TIMEKV_TEST_SLOW'] === '1';

/** Where `.ci/run` wants the counts as JSON. */
const report = process.env['TIMEKV_TEST_REPORT'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(wantsSlow ? [] : slow)],
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    pool: 'forks',
    // One by one, tests that wait for other processes would leave a core idle.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A command's output must reach the stdout that the test watches.
    disableConsoleIntercept: true,
  },
});
