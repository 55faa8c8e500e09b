/** Programs and libraries that speak HTTP, each as its users have it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { delimiter, join } from 'node:path';

export interface Answer {
  status: number;
  /** Names in small letters. */
  headers: Record<string, string>;
  body: Buffer;
}

export interface HttpClient {
  name: string;
  /** What it needs of the system. */
  program?: string;
  ask(
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    url: string,
    headers: Record<string, string>,
    body: Buffer | undefined,
  ): Promise<Answer>;
}

/** Whether a shell would find it. */
export function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Runs a program with this on stdin, and answers what it prints. @throws if it does not end well */
async function run(program: string, args: readonly string[], input: Buffer): Promise<Buffer> {
  const child = spawn(program, args);
  child.stdin.on('error', () => undefined); // It may end without reading it.
  child.stdin.end(input);
  const closed = once(child, 'close') as Promise<[number]>;
  const [stdout, stderr] = await Promise.all([buffer(child.stdout), buffer(child.stderr)]);
  const [exitCode] = await closed;
  if (exitCode !== 0) throw new Error(`${program}: exit ${exitCode}, ${stderr.toString()}`);
  return stdout;
}

const curl: HttpClient = {
  name: 'curl',
  program: 'curl',
  async ask(method, url, headers, body) {
    const lines = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
    const upload = method === 'PUT' ? ['-T', '-'] : ['-X', method, '--data-binary', '@-'];
    const args = ['-sS', '-i', ...(body === undefined ? ['-X', method] : upload), ...lines, url];
    return answerIn(await run('curl', args, body ?? Buffer.alloc(0)));
  },
};

/** The answer in what came over the connection, behind one that says to go on. */
function answerIn(bytes: Buffer): Answer {
  const end = bytes.indexOf('\r\n\r\n');
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const body = bytes.subarray(end + 4);
  const status = Number(first.split(' ')[1]);
  if (status < 200) return answerIn(body);
  const entries = lines.map((line) => /^([^:]+): (.*)$/.exec(line)?.slice(1) ?? []);
  const headers = entries.map(([name = '', value = '']) => [name.toLowerCase(), value] as const);
  return { status, headers: Object.fromEntries(headers), body };
}

const nodeFetch: HttpClient = {
  name: 'fetch of Node',
  async ask(method, url, headers, body) {
    const response = await fetch(url, { method, headers, body: body ?? null });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: Buffer.from(await response.arrayBuffer()),
    };
  },
};

/** What urllib adds by itself, a content type of forms, is left as it is. */
const script = `
import base64, json, sys, urllib.error, urllib.request
asked = json.load(sys.stdin)
body = asked["body"]
request = urllib.request.Request(
    asked["url"],
    data=None if body is None else base64.b64decode(body),
    headers=asked["headers"],
    method=asked["method"],
)
try:
    answer = urllib.request.urlopen(request)
except urllib.error.HTTPError as error:
    answer = error
with answer:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    got = base64.b64encode(answer.read()).decode()
    print(json.dumps({"status": answer.status, "headers": headers, "body": got}))
`;

const urllib: HttpClient = {
  name: 'urllib of Python',
  program: 'python3',
  async ask(method, url, headers, body) {
    const asked = { method, url, headers, body: body?.toString('base64') ?? null };
    const got = await run('python3', ['-c', script], Buffer.from(JSON.stringify(asked)));
    const answer = JSON.parse(got.toString()) as Answer & { body: string };
    return { ...answer, body: Buffer.from(answer.body, 'base64') };
  },
};

export const clients: readonly HttpClient[] = [curl, nodeFetch, urllib];
