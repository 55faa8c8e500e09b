/**
 * Builds, and checks everything that can be checked without running a test: two commands at a time,
 * since nearly all of them use one core. Says how long each took; what one printed is shown if it failed.
 *
 *   node .ci/check.mjs
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** Each lane one after another; the manifest needs what is built. */
const lanes = [
  [
    ['knip', 'knip', '--no-config-hints'],
    ['prettier', 'prettier', '--check', '.'],
  ],
  [
    ['build', 'npm', 'run', 'build'],
    ['manifest', 'node', '.ci/manifest.mjs', '--check'],
    ['reference', 'node', '.ci/reference.mjs', '--check'],
    ['api', 'node', '.ci/api.mjs', '--check'],
  ],
];
/** The lint, and the types of the tests; it uses both cores by itself. */
const last = ['oxlint', 'npm', 'run', 'lint'];

const env = { ...process.env, PATH: `${join('node_modules', '.bin')}:${process.env.PATH}` };

/** Resolves to whether it went well. */
function run([name, command, ...args]) {
  const startedAt = performance.now();
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => output.push(data));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      console.log(`${name}: ${status === 0 ? 'ok' : 'failed'}, ${seconds} s`);
      if (status !== 0) console.log(Buffer.concat(output).toString());
      resolve(status === 0);
    });
  });
}

/** What comes after a failure in its lane is not begun: it may go by what is not there. */
async function runLane(lane) {
  for (const task of lane) if (!(await run(task))) return false;
  return true;
}

const went = await Promise.all(lanes.map(runLane));
if (went.includes(false) || !(await run(last))) process.exitCode = 1;
