/** The engine's main jobs, beside the floor of the disk. */
import { join } from 'node:path';
import { runProgram } from '../support/process.mjs';

const program = join(import.meta.dirname, 'programs/jobs.mjs');

const mainJobs = {
  name: 'main jobs',
  async measure({ workplace, results, isQuick }) {
    for (let round = 0; round < (isQuick ? 1 : 3); round++) {
      const directory = workplace.freshDirectory('jobs');
      const { answer } = await runProgram(program, [directory, isQuick ? 20_000 : 200_000]);
      for (const [job, microseconds] of Object.entries(answer)) {
        results.add('the main jobs of the engine', job, { what: 'wall, µs', value: microseconds });
      }
    }
  },
};

export const engine = [mainJobs];
