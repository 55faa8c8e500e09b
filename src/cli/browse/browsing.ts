/** Picking a key by typing, and stepping through its versions: what `browse` does on a terminal. */
import { ExitPromptError } from '@inquirer/core';
import type { Version } from '../../index.js';
import { CliError, Interrupted } from '../base/cli-error.js';
import { colours, type Colours } from '../display/colours.js';
import { drawHistory } from '../display/drawn-history.js';
import { rowWriter } from '../display/formats.js';
import type { Host } from '../base/host.js';
import { keysShownMax, pickKey } from './key-picker.js';
import type { Look } from '../base/look.js';
import type { Output } from '../base/output.js';
import { versionShape } from '../display/shapes.js';
import type { StoreAccess } from '../base/store-access.js';
import { readable, visible } from '../base/terminal-text.js';
import { windowAround, type Step } from './timeline-window.js';
import { viewTimeline } from './timeline-view.js';

/** Where less fits, the numbers are not drawn. */
const rowsToDraw = 24;
/** Lines of a timeline that are neither versions nor drawing: key, help, the table's own, the value. */
const otherLines = 8;

/** Goes on until the user leaves. */
export async function browse(store: StoreAccess, host: Host, look: Look): Promise<void> {
  const context = { signal: host.signal, clearPromptOnDone: true };
  const colour = await colours(look.isColoured);
  let typed = '';
  try {
    for (;;) {
      const keysWith = (prefix: string) => firstKeys(store, prefix);
      const picked = await pickKey({ typed, keysWith, colour, size }, context);
      if (picked === undefined) return;
      ({ typed } = picked);
      const left = new AbortController();
      const signal = AbortSignal.any([host.signal, left.signal]);
      try {
        await viewTimeline(new Timeline(store, picked.key, look, colour).view(signal), context);
      } finally {
        left.abort();
      }
    }
  } catch (error) {
    host.signal.throwIfAborted();
    throw error instanceof ExitPromptError ? new Interrupted('SIGINT') : error;
  }
}

async function firstKeys(store: StoreAccess, prefix: string): Promise<string[]> {
  const found: string[] = [];
  const range = { limit: keysShownMax, all: true, ...(prefix !== '' && { prefix }) };
  for await (const key of store.keys(range)) found.push(key);
  return found;
}

/** Some terminals say 0 when they do not know. */
function size(): { rows: number; columns: number } {
  const { rows, columns } = process.stdout;
  return { rows: rows || 24, columns: columns || 80 };
}

/** One key's versions, as lines of text. */
class Timeline {
  readonly #store: StoreAccess;
  readonly #key: string;
  readonly #look: Look;
  readonly #colour: Colours;
  #at: number | undefined;

  constructor(store: StoreAccess, key: string, look: Look, colour: Colours) {
    this.#store = store;
    this.#key = key;
    this.#look = { ...look, format: 'table' };
    this.#colour = colour;
  }

  /** @param signal ends the making of the drawing */
  view(signal: AbortSignal) {
    const after = (step: Step) => this.#after(step);
    const title = this.#colour.bold(visible(this.#key));
    return {
      title,
      after,
      drawing: this.#drawing(signal),
      page: this.#reach.before + this.#reach.behind,
    };
  }

  get #drawingHeight(): number {
    return size().rows < rowsToDraw ? 0 : 5;
  }

  get #reach(): { before: number; behind: number } {
    const drawing = this.#drawingHeight === 0 ? 0 : this.#drawingHeight + 2;
    const room = Math.max(2, size().rows - otherLines - drawing);
    return { before: Math.floor((room - 1) / 2), behind: Math.ceil((room - 1) / 2) };
  }

  async #after(step: Step): Promise<string> {
    const store = this.#store;
    const window = { from: this.#at, step, reach: this.#reach };
    const found = await windowAround(store, this.#key, window);
    if (found === undefined) return `${visible(this.#key)} has no history`;
    const { versions, chosen } = found;
    const version = versions[chosen];
    this.#at = version?.timestamp;
    const { columns } = size();
    const look = { ...this.#look, width: columns - 2 };
    const collected = new Collected();
    const full = versionShape(store.unit, store.now());
    const shape = {
      ...full,
      columns: full.columns.slice(1), // The key is the title.
      cells: (row: Version<Buffer>) => full.cells(row).slice(1),
    };
    const writer = await rowWriter(shape, look, collected, false);
    for (const each of versions) await writer.row(each);
    await writer.end();
    // Above the versions stand the table's edge and its header.
    const lines = collected.text.trimEnd().split('\n');
    const marked = lines.map((line, index) =>
      index === chosen + 2 ? this.#colour.bold(`> ${line}`) : `  ${line}`,
    );
    const value = version?.value === undefined ? '(no value)' : visible(readable(version.value));
    const cut = value.length > columns - 1 ? `${value.slice(0, columns - 2)}…` : value;
    return [...marked, cut].join('\n');
  }

  async #drawing(signal: AbortSignal): Promise<string> {
    const height = this.#drawingHeight;
    if (height === 0) return '';
    const look = { ...this.#look, width: size().columns };
    const pause = async (count: number) => {
      if (count % 512 === 0) await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
    };
    const all = { from: undefined, to: undefined };
    try {
      const drawn = await drawHistory(this.#store, this.#key, all, {
        look,
        height,
        isPlain: false,
        pause,
      });
      return drawn.lines.join('\n');
    } catch (error) {
      // No numbers, or the user has gone on; anything else is told by the table.
      if (error instanceof CliError || signal.aborted) return '';
      throw error;
    }
  }
}

class Collected implements Output {
  text = '';

  write(chunk: string | Uint8Array): undefined {
    this.text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }
}
