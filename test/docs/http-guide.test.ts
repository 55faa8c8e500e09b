/**
 * Each example of the guide over HTTP is run by bash as it stands, one after the other over one store,
 * and prints what stands below it. Only the server's address is another one.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as limits from '../../src/http/limits.js';
import { environmentFor, outcomeOf, runPath } from '../cli/support/timekv.js';
import { isInstalled } from '../http/support/clients.js';
import { addressOf } from '../http/support/spawn-server.js';
import { Child } from '../support/child.js';
import { say } from '../support/say.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const guide = readFileSync(resolve(import.meta.dirname, '../../docs/guides/http.md'), 'utf8');
const address = `http://${limits.hostDefault}:${limits.portDefault}`;
const home = temporaryDirectory();
let server: Child;
let url = '';

const isMissing = !isInstalled('curl');
if (isMissing) say('the guide over HTTP: its examples are skipped, curl is not installed');

const blocks = guide.matchAll(/```sh\n([^]*?)```\n(?:\n```text\n([^]*?)```)?/g);
const examples = Array.from(blocks, ([, code = '', printed], at) => ({
  number: at + 1,
  code,
  printed,
}));

/** The command that starts the server, and what it says. */
const [, command = '', said = ''] = /```console\n\$ timekv (.*)\n(.*)\n```/.exec(guide) ?? [];

beforeAll(async () => {
  const args = [runPath, ...command.split(' '), '--port', '0'];
  server = new Child(args, { cwd: home, env: environmentFor('') });
  url = await addressOf(server);
});

afterAll(() => {
  server.process.kill('SIGKILL');
});

/** What a terminal would show of it: no CR of header lines, and not how many lines are empty at the end. */
function shown(text = ''): string {
  return text.replaceAll('\r', '').trimEnd();
}

it('says what each of its examples prints', () => {
  expect(examples.length).toBeGreaterThan(15);
  expect(examples.filter(({ printed = '' }) => printed === '')).toEqual([]);
});

it.for(examples)('example $number prints what it says', async ({ code, printed }, { skip }) => {
  if (isMissing) skip();
  const env = { PATH: process.env['PATH'], HOME: home };
  const shell = spawn('bash', ['-c', code.replaceAll(address, url)], { cwd: home, env });
  shell.stdin.end();
  const { stdout } = await outcomeOf(shell);
  expect(shown(stdout)).toBe(shown(printed));
});

it('says what the server says', async () => {
  server.process.kill('SIGTERM');
  const { exitCode, stdout } = await server.finished;
  expect(stdout.replace(home, '/srv').replace(url, address)).toBe(`${said}\n`);
  expect(guide).toContain(`SuccessExitStatus=${exitCode}`);
});

it('tells of limits as they are', () => {
  const numbers = [
    `${limits.jsonBytesMax / 1024 ** 2} MiB`,
    `${limits.headerBytesMax / 1024} KiB`,
    limits.connectionsMax.toLocaleString('en-US'),
    limits.requestsMax.toLocaleString('en-US'),
    `${limits.streamsMax}`,
    `${limits.heldBytesMax / 1024 ** 2} MiB`,
    `${limits.headersMs / 1000} s`,
    `${limits.requestMs / 1000} s`,
    `${limits.stalledMs / 1000} s; ${limits.keepAliveMs / 1000} s`,
  ];
  expect(numbers.filter((number) => !guide.includes(`| ${number}`))).toEqual([]);
  expect(guide).toContain(`every ${limits.heartbeatMs / 1000} seconds`);
});
