/**
 * Reads lines on a terminal: keys in, edited text out. Node decodes the keys; what they do to the
 * line is `edit-keys`, and how it is drawn `edit-screen`.
 */
import { emitKeypressEvents } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';
import { EditBuffer } from './edit-buffer.js';
import type { EditHistory } from './edit-history.js';
import { edit, keyName, pastedText, typedText, type Key } from './edit-keys.js';
import type { Picture, Span } from './edit-layout.js';
import { EditScreen } from './edit-screen.js';
import { EditSearch } from './edit-search.js';
import { inColumns } from '../display/in-columns.js';
import type { LineReader, Reading } from './line-reader.js';

/** What is shown with a line, beside its text. */
export interface LineLook {
  spans: readonly Span[];
  hint: string;
}

/** Candidates, and the part of the line that they stand for. */
export type Completion = [candidates: string[], part: string];

/** What knows the meaning of a line. Neither fails. */
export interface LineGuide {
  look(line: string): Promise<LineLook>;
  complete(line: string): Promise<Completion>;
}

const pasteStart = '\x1b[200~';
const pasteEnd = '\x1b[201~';
const pastingOn = '\x1b[?2004h';
const pastingOff = '\x1b[?2004l';
/** A completion that takes longer is given up. */
const completionMs = 500;
const continuation = '   ...> ';
const nothing: LineLook = { spans: [], hint: '' };

export class LineEditor implements LineReader {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #guide: LineGuide;
  readonly #history: EditHistory;
  readonly #screen: EditScreen;
  readonly #buffer = new EditBuffer();
  readonly #search: EditSearch;
  readonly #keys: [text: string | undefined, key: Key][] = [];
  #prompt = '';
  #look: LineLook = nothing;
  /** The text that `#look` was worked out for, and the one that it is being worked out for. */
  #seen = '';
  #asked: string | undefined;
  #take: ((reading: Reading) => void) | undefined;
  #pasted: string | undefined;
  #isCompleting = false;
  #wasTab = false;
  #isDrawingDue = false;
  #hasEnded = false;

  constructor(
    { input, output }: { input: ReadStream; output: WriteStream },
    guide: LineGuide,
    history: EditHistory,
  ) {
    this.#input = input;
    this.#output = output;
    this.#guide = guide;
    this.#history = history;
    this.#search = new EditSearch(history);
    this.#screen = new EditScreen(output);
    emitKeypressEvents(input);
    input.on('end', () => {
      this.close();
    });
    // However the process ends, the terminal is left as it was.
    process.on('exit', () => {
      if (this.#take !== undefined) this.#leave();
    });
  }

  async read(prompt: string): Promise<Reading> {
    if (this.#hasEnded) return { kind: 'end' };
    this.#prompt = prompt;
    this.#buffer.reset();
    this.#history.rest();
    this.#look = nothing;
    this.#seen = '';
    this.#asked = undefined;
    this.#enter();
    const reading = await new Promise<Reading>((resolve) => {
      this.#take = resolve;
      this.#changed();
      this.#work();
    });
    this.#leave();
    return reading;
  }

  interrupt(): void {
    if (this.#take === undefined) return;
    const wasEmpty = this.#buffer.text === '';
    this.#search.end();
    this.#end({ kind: 'interrupt', wasEmpty }, '^C');
  }

  remember(line: string): void {
    this.#history.add(line);
  }

  close(): void {
    this.#hasEnded = true;
    this.#end({ kind: 'end' });
  }

  #enter(): void {
    this.#input.setRawMode(true);
    this.#output.write(pastingOn);
    this.#input.on('keypress', this.#onKey);
    this.#output.on('resize', this.#onResize);
    process.on('SIGCONT', this.#onContinue);
    this.#input.resume();
  }

  /** Whoever runs next may read from the terminal, and is told by the system of Ctrl-C. */
  #leave(): void {
    this.#input.pause();
    this.#input.off('keypress', this.#onKey);
    this.#output.off('resize', this.#onResize);
    process.off('SIGCONT', this.#onContinue);
    this.#output.write(pastingOff);
    if (!this.#input.destroyed) this.#input.setRawMode(false);
  }

  #end(reading: Reading, last?: string): void {
    const take = this.#take;
    if (take === undefined) return;
    this.#take = undefined;
    this.#draw();
    this.#screen.finish(last);
    take(reading);
  }

  readonly #onKey = (text: string | undefined, key: Key): void => {
    this.#keys.push([text, key]);
    this.#work();
  };

  readonly #onResize = (): void => {
    this.#screen.resized();
  };

  readonly #onContinue = (): void => {
    this.#input.setRawMode(true);
    this.#output.write(pastingOn);
    this.#changed();
  };

  /** Takes one key after the other; those behind an Enter are for the next line. */
  #work(): void {
    while (this.#take !== undefined && !this.#isCompleting) {
      const next = this.#keys.shift();
      if (next === undefined) return;
      this.#press(...next);
    }
  }

  #press(text: string | undefined, key: Key): void {
    if (key.sequence === pasteStart) {
      this.#pasted = '';
    } else if (this.#pasted === undefined) {
      this.#command(text, key);
    } else if (key.sequence === pasteEnd) {
      this.#search.end();
      this.#type(pastedText(this.#pasted));
      this.#pasted = undefined;
    } else {
      this.#pasted += key.sequence;
    }
  }

  #command(text: string | undefined, key: Key): void {
    const name = keyName(key);
    const typed = typedText(text, key);
    if (this.#search.isOn && this.#search.press(name, typed, this.#buffer)) {
      this.#changed();
      return;
    }
    const wasTab = this.#wasTab;
    this.#wasTab = name === 'tab';
    if (typed !== undefined) this.#type(typed);
    else if (name === 'tab') void this.#complete(wasTab);
    else if (!this.#control(name) && edit(this.#buffer, name)) this.#edited();
  }

  /** Keys that mean more than an edit. Answers whether this was one. */
  #control(name: string): boolean {
    switch (name) {
      case 'return':
        this.#end({ kind: 'text', text: this.#buffer.text });
        return true;
      case 'ctrl+c':
        this.interrupt();
        return true;
      case 'ctrl+d':
        if (this.#buffer.text !== '') return false;
        this.close();
        return true;
      case 'ctrl+l':
        this.#screen.clear();
        this.#changed();
        return true;
      case 'ctrl+r':
        this.#search.begin(this.#buffer);
        this.#changed();
        return true;
      case 'ctrl+z':
        this.#suspend();
        return true;
      case 'up':
      case 'ctrl+p':
        this.#walk(1);
        return true;
      case 'down':
      case 'ctrl+n':
        this.#walk(-1);
        return true;
      default:
        return false;
    }
  }

  #type(text: string): void {
    this.#buffer.insert(text);
    this.#edited();
  }

  #edited(): void {
    this.#history.rest();
    this.#changed();
  }

  #walk(step: 1 | -1): void {
    const { text, cursor } = this.#buffer;
    if (!this.#buffer.moveRow(step === 1 ? -1 : 1)) {
      const line = this.#history.walk(step, text, cursor);
      if (line !== undefined) this.#buffer.reset(line);
    }
    this.#changed();
  }

  /** As the system does at Ctrl-Z; `fg` goes on with the same line. */
  #suspend(): void {
    this.#screen.finish();
    this.#output.write(pastingOff);
    this.#input.setRawMode(false);
    process.kill(process.pid, 'SIGTSTP');
  }

  async #complete(isSecond: boolean): Promise<void> {
    this.#isCompleting = true;
    const { text, cursor } = this.#buffer;
    const before = text.slice(0, cursor);
    const [candidates, part] = await inTime(this.#guide.complete(before), [[], '']);
    this.#isCompleting = false;
    if (this.#take === undefined) return;
    const [only, other] = candidates;
    const common = other === undefined ? (only ?? '') : commonStart(candidates);
    if (common.length > part.length || (only !== undefined && other === undefined)) {
      this.#buffer.replaceFrom(cursor - part.length, common);
      this.#edited();
    } else if (isSecond && other !== undefined) {
      this.#draw();
      this.#screen.finish();
      this.#output.write(inColumns(candidates, this.#output.columns));
      this.#changed();
    }
    this.#work();
  }

  /** Keys that come together are drawn together. */
  #changed(): void {
    const { text } = this.#buffer;
    if (text !== this.#asked) {
      this.#asked = text;
      void this.#lookAgain(text);
    }
    this.#drawSoon();
  }

  async #lookAgain(text: string): Promise<void> {
    const look = await this.#guide.look(text);
    if (this.#asked !== text) return;
    this.#look = look;
    this.#seen = text;
    this.#drawSoon();
  }

  #drawSoon(): void {
    if (this.#isDrawingDue) return;
    this.#isDrawingDue = true;
    setImmediate(() => {
      this.#isDrawingDue = false;
      if (this.#take !== undefined) this.#draw();
    });
  }

  #draw(): void {
    this.#screen.draw(this.#search.isOn ? this.#search.picture : this.#picture);
  }

  get #picture(): Picture {
    const { text, cursor } = this.#buffer;
    const hint = this.#seen === text && cursor === text.length ? this.#look.hint : '';
    const known = commonStart([this.#seen, text]).length;
    // What is known of the text so far keeps its colour until the rest is known too.
    const spans = this.#look.spans.filter(({ end }) => end <= known);
    return { prompt: this.#prompt, continuation, text, cursor, spans, hint };
  }
}

/** The longest text that all of them begin with. */
function commonStart(texts: readonly string[]): string {
  const [first = '', ...others] = texts;
  let { length } = first;
  for (const other of others) {
    while (!other.startsWith(first.slice(0, length))) length -= 1;
  }
  // Half of a surrogate pair is no text.
  return first.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}

/** The outcome, or another one where it does not come soon. */
async function inTime<T>(outcome: Promise<T>, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, completionMs, otherwise);
  });
  const first = await Promise.race([outcome, late]);
  clearTimeout(timer);
  return first;
}
