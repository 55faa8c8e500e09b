import { configDefaults, defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.js';
import { plantingPlugin, wantedDefect } from './test/crash/defects/plant.js';
import { bundlingPlugin } from './test/crash/support/bundling.js';

/** `npm test` leaves out what takes minutes: `npm run test:crash` asks for that alone. */
const harnesses = 'test/crash/**/*.test.ts';
const wantsHarnesses = process.env['TIMEKV_HARNESSES'] === '1';

/** And what nobody who tries timekv should have to wait for, which `npm run test:more` asks for alone. */
const longer = [
  'test/http/{contract,fuzz,idle-clients,model,safety-ending,slow-clients}.test.ts',
  'test/process/many-processes.test.ts',
  'test/process/watch.test.ts',
  'test/store/large.test.ts',
  'test/package/*.test.ts',
];
/** With more random histories than in `npm test`. */
const model = 'test/model/model.test.ts';
const wantsMore = process.env['TIMEKV_MORE'] === '1';

/** Where `.ci/run` wants the counts as JSON. */
const report = process.env['TIMEKV_TEST_REPORT'];

/**
 * Two files at a time keep two cores busy: what V8 does for one of them on threads of its own, it
 * takes from the other. Without those threads all of it needs a quarter less.
 */
const v8Flags = [
  '--no-concurrent-recompilation',
  '--single-threaded-gc',
  '--min-semi-space-size=64',
  '--max-semi-space-size=64',
];

/**
 * What starts few processes runs in one process a worker: to begin and to load each file anew takes
 * a tenth of all the time. What starts many is quicker from a process that holds little itself.
 */
const alike = 'test/{catalog,contract,disk,engine,fixtures,model,segment,wal}/**/*.test.ts';
const projects = [
  { extends: true as const, test: { name: 'rooms', include: [alike], isolate: false } },
  {
    extends: true as const,
    test: {
      name: 'whole',
      include: ['test/**/*.test.ts'],
      exclude: [...configDefaults.exclude, harnesses, ...longer, alike],
    },
  },
];

const defect = wantedDefect();
const chosen = wantsHarnesses ? [harnesses] : wantsMore ? [model, ...longer] : undefined;

export default defineConfig({
  plugins: wantsHarnesses ? [bundlingPlugin(defect && plantingPlugin(defect))] : [],
  test: {
    ...(chosen === undefined ? { projects } : { include: chosen }),
    sequence: { sequencer: LongestFirst },
    setupFiles: wantsHarnesses ? ['test/crash/support/tell-replay.ts'] : [],
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    pool: 'forks',
    // One by one, tests that wait for other processes would leave a core idle; harnesses wait the more.
    // Of the longer ones, most look at how long others wait, and have the machine to themselves.
    maxWorkers: wantsHarnesses ? 3 : wantsMore ? 1 : 2,
    execArgv: v8Flags,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A command's output must reach the stdout that the test watches.
    disableConsoleIntercept: true,
  },
});
