/** Reads what strace writes, while it writes it: which calls a command made that change its store. */
import { dirname, relative } from 'node:path';

export interface Call {
  /** Of the thread that made it. */
  pid: number;
  name: string;
  /** Counted from 1 among the calls of this name in this thread, wherever they went. */
  nth: number;
  /** The file, from the directory above the store's, with `*` for random digits. */
  role: string;
  /** What it answered; undefined until it has. */
  answered: number | undefined;
  wasInjected: boolean;
}

const begun = /^(\d+) +(\w+)\((.*)/;
const resumed = /^(\d+) +<\.\.\. (\w+) resumed>(.*)/;
const ended = /\) += (-?\d+|\?)/;

export class TraceReader {
  /** Of the process; 0 until it has made a call. */
  pid = 0;
  readonly calls: Call[] = [];
  readonly #place: string;
  readonly #counts = new Map<string, number>();
  readonly #open = new Map<number, Call>();
  #line = '';
  /** The unfinished line has been counted. */
  #isCounted = false;

  constructor(directory: string) {
    this.#place = dirname(directory);
  }

  /** Takes the next piece of the trace. The beginning of a call counts before its line is whole. */
  read(text: string): void {
    const lines = (this.#line + text).split('\n');
    this.#line = lines.pop() ?? '';
    for (const line of lines) {
      if (!this.#isCounted) this.#begin(line);
      this.#isCounted = false;
      this.#end(line);
    }
    this.#isCounted ||= this.#begin(this.#line);
  }

  hasBegun({ name, nth, role }: Call): boolean {
    return this.calls.some((call) => call.name === name && call.nth === nth && call.role === role);
  }

  /** @returns true if all that is asked of the line is there */
  #begin(line: string): boolean {
    const [, pid = '', name = '', args = ''] = begun.exec(line) ?? [];
    const path = pathOf(name, args);
    if (path === undefined) return false;
    this.pid ||= Number(pid);
    const nth = (this.#counts.get(`${pid} ${name}`) ?? 0) + 1;
    this.#counts.set(`${pid} ${name}`, nth);
    const isOurs = name === 'exit_group' || path.startsWith(this.#place);
    if (!isOurs || (name === 'openat' && !args.includes('O_CREAT'))) return true;
    const role = roleOf(relative(this.#place, path));
    const call = { pid: Number(pid), name, nth, role, answered: undefined, wasInjected: false };
    this.calls.push(call);
    this.#open.set(call.pid, call);
    return true;
  }

  #end(line: string): void {
    const pid = Number((begun.exec(line) ?? resumed.exec(line))?.[1]);
    const answer = ended.exec(line)?.[1];
    if (answer === undefined) return;
    const call = this.#open.get(pid);
    this.#open.delete(pid);
    if (call === undefined) return;
    call.answered = answer === '?' ? undefined : Number(answer);
    call.wasInjected = line.includes('(INJECTED)');
  }
}

/** Undefined if the line does not tell it, or not yet. */
function pathOf(name: string, args: string): string | undefined {
  if (name === 'exit_group') return '';
  // With -y every descriptor comes with its path; openat has its directory's before its own path,
  // and its flags behind that.
  const pattern = name === 'openat' ? /"([^"]*)", [A-Z_|]+[,) ]/ : /^(?:\d+<([^>]*)>|"([^"]*)")/;
  const found = pattern.exec(args);
  return found?.[1] ?? found?.[2];
}

function roleOf(path: string): string {
  return path.replace(/[0-9a-f]{32}\.seg$/, '*.seg').replace(/-[0-9a-f]{16}\./, '-*.');
}
