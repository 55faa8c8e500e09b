/** What the keys do that change the line or move in it; the same as in bash and in Node's REPL. */
import type { EditBuffer } from './edit-buffer.js';

/** A key as Node tells it. */
export interface Key {
  sequence: string;
  name?: string | undefined;
  ctrl?: boolean | undefined;
  meta?: boolean | undefined;
}

const edits: Readonly<Record<string, (buffer: EditBuffer) => void>> = {
  left: (buffer) => buffer.left(),
  'ctrl+b': (buffer) => buffer.left(),
  right: (buffer) => buffer.right(),
  'ctrl+f': (buffer) => buffer.right(),
  home: (buffer) => buffer.home(),
  'ctrl+a': (buffer) => buffer.home(),
  end: (buffer) => buffer.end(),
  'ctrl+e': (buffer) => buffer.end(),
  'ctrl+left': (buffer) => buffer.wordLeft(),
  'meta+b': (buffer) => buffer.wordLeft(),
  'meta+left': (buffer) => buffer.wordLeft(),
  'ctrl+right': (buffer) => buffer.wordRight(),
  'meta+f': (buffer) => buffer.wordRight(),
  'meta+right': (buffer) => buffer.wordRight(),
  backspace: (buffer) => buffer.deleteBefore(),
  'ctrl+h': (buffer) => buffer.deleteBefore(),
  delete: (buffer) => buffer.deleteAfter(),
  'ctrl+d': (buffer) => buffer.deleteAfter(),
  'ctrl+u': (buffer) => buffer.killToStart(),
  'ctrl+k': (buffer) => buffer.killToEnd(),
  'ctrl+w': (buffer) => buffer.killTokenBefore(),
  'meta+backspace': (buffer) => buffer.killWordBefore(),
  'meta+d': (buffer) => buffer.killWordAfter(),
  'ctrl+y': (buffer) => buffer.yank(),
  'ctrl+_': (buffer) => buffer.undo(),
};

/** The key's name as it is written here, such as `ctrl+left`. */
export function keyName({ sequence, name, ctrl, meta }: Key): string {
  // Node has no name for this one.
  if (sequence === '\x1f') return 'ctrl+_';
  const base = name === 'enter' ? 'return' : (name ?? '');
  return `${ctrl === true ? 'ctrl+' : ''}${meta === true ? 'meta+' : ''}${base}`;
}

/** What a key that stands for text types; undefined for others. */
export function typedText(text: string | undefined, { ctrl, meta }: Key): string | undefined {
  if (text === undefined || ctrl === true || meta === true) return undefined;
  return /^\P{Cc}+$/u.test(text) ? text : undefined;
}

/** Edits the buffer as the key says; answers whether it says anything. */
export function edit(buffer: EditBuffer, name: string): boolean {
  const change = Object.hasOwn(edits, name) ? edits[name] : undefined;
  change?.(buffer);
  return change !== undefined;
}

/** What was pasted: line ends are newlines, the last one is left out, and nothing else drives. */
export function pastedText(raw: string): string {
  return raw
    .replace(/\r\n?/g, '\n')
    .replace(/\n$/, '')
    .replace(/[^\P{Cc}\n\t]/gu, '');
}
