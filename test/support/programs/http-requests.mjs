// A thread that makes HTTP requests for one that waits for their answers without a turn of its event
// loop: the suites read at once. What waits for a value, or follows commits, is told as it comes.
import { Agent, request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

const { atOnce, gate, whensPort } = workerData;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const running = new Map();

function ask({ url, method, headers = {}, body }, onResponse) {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent }, (response) => {
      onResponse?.(response, asked);
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode: status, headers: answered } = response;
        resolve({ status, headers: answered, body: Buffer.concat(chunks) });
      });
    });
    asked.on('error', reject);
    asked.end(body);
    onResponse?.(undefined, asked);
  });
}

const whens = async () => Number((await ask({ url: `http://127.0.0.1:${whensPort}` })).body);

/** What came of a request. */
async function outcomeOf(asked, id) {
  try {
    return { id, answer: await ask(asked, (_, its) => running.set(id, its)) };
  } catch (error) {
    return { id, error: String(error) };
  }
}

/** Answers when it waits, or was answered already. */
async function beginWait({ id, ...asked }) {
  const before = await whens();
  const wait = { isOver: false };
  const tell = async () => {
    const outcome = await outcomeOf(asked, id);
    wait.isOver = true;
    parentPort.postMessage(outcome);
  };
  void tell();
  while (!wait.isOver && (await whens()) === before) await new Promise(setImmediate);
  return {};
}

/** Answers when the header has come. */
function beginWatch({ id, ...asked }) {
  return new Promise((resolve, reject) => {
    const its = request(asked.url, { headers: asked.headers, agent: false }, (response) => {
      const isStream = response.statusCode === 200;
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
        if (!isStream) return;
        const events = text.split('\n\n');
        text = events.pop();
        for (const event of events) {
          const data = /^data: (.*)$/m.exec(event)?.[1];
          if (data !== undefined) parentPort.postMessage({ id, event: data });
        }
      });
      response.on('error', () => undefined);
      response.on('close', () => parentPort.postMessage({ id, ended: true }));
      if (isStream) resolve({});
      else response.on('end', () => resolve({ refusal: text, status: response.statusCode }));
    });
    its.on('error', reject);
    its.end();
    running.set(id, its);
  });
}

const kinds = { ask, beginWait, beginWatch };

function stop(id) {
  running.get(id)?.destroy();
  running.delete(id);
}

async function answer({ turn, kind, ...asked }) {
  try {
    atOnce.postMessage({ turn, answer: await kinds[kind](asked) });
  } catch (error) {
    atOnce.postMessage({ turn, error: String(error.stack) });
  }
  Atomics.store(gate, 0, 1);
  Atomics.notify(gate, 0);
}

parentPort.on('message', (words) => {
  if (words.kind === 'stop') stop(words.id);
  else void answer(words);
});
