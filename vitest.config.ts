import { configDefaults, defineConfig } from 'vitest/config';

/** `npm test` leaves out what takes minutes: test/crash and test/long have scripts of their own. */
const slow = ['test/crash/**', 'test/long/**'];
const wantsSlow = process.env['TIMEKV_TEST_SLOW'] === '1';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(wantsSlow ? [] : slow)],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A command's output must reach the stdout that the test watches.
    disableConsoleIntercept: true,
  },
});
