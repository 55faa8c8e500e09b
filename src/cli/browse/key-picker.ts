/** A prompt for a key: what is typed narrows the list down to the keys that begin so. */
import {
  createPrompt,
  isDownKey,
  isEnterKey,
  isUpKey,
  useEffect,
  useKeypress,
  useState,
} from '@inquirer/core';
import type { Colours } from '../display/colours.js';
import { visible } from '../base/terminal-text.js';

export interface KeyPicker {
  /** What stands in the line at first. */
  typed: string;
  /** The first keys that begin so, at most `keysShownMax`; bounded, however many there are. */
  keysWith: (prefix: string) => Promise<string[]>;
  colour: Colours;
  /** Lines and columns of the terminal, as of now. */
  size: () => { rows: number; columns: number };
}

/** More are not read: whoever looks for another one types on. */
export const keysShownMax = 200;
/** Lines around the list. */
const otherLines = 3;

/** Resolves to the key, and what was typed for it; undefined if the user leaves. */
export const pickKey = createPrompt<{ key: string; typed: string } | undefined, KeyPicker>(
  ({ typed: first, keysWith, colour, size }, done) => {
    const [typed, setTyped] = useState(first);
    const [found, setFound] = useState<{ keys: string[]; prefix?: string }>({ keys: [] });
    const [active, setActive] = useState(0);
    // Enter may come before the keys have, as where somebody pastes.
    const [isEntered, setEntered] = useState(false);
    const [fault, setFault] = useState('');
    const { keys } = found;

    useEffect((line) => {
      if (first !== '') line.write(first);
    }, []);
    useEffect(() => {
      let isOver = false;
      const load = async () => {
        try {
          const now = await keysWith(typed);
          if (isOver) return;
          setFound({ keys: now, prefix: typed });
          setActive(0);
          setFault('');
          const [key] = now;
          if (isEntered && key !== undefined) done({ key, typed });
          setEntered(false);
        } catch (error) {
          if (!isOver) setFault(error instanceof Error ? error.message : String(error));
        }
      };
      void load();
      return () => {
        isOver = true;
      };
    }, [typed, isEntered]);
    useKeypress((event, line) => {
      const chosen = keys[active];
      if (event.name === 'escape') done(undefined);
      else if (isEnterKey(event)) {
        line.write(typed); // Enter has emptied the line.
        if (found.prefix !== typed) setEntered(true);
        else if (chosen !== undefined) done({ key: chosen, typed });
      } else if (isUpKey(event)) setActive(Math.max(0, active - 1));
      else if (isDownKey(event)) setActive(Math.min(keys.length - 1, active + 1));
      else setTyped(line.line);
    });

    const { rows, columns } = size();
    const room = Math.max(1, rows - otherLines - 1);
    const begin = Math.max(0, Math.min(active - Math.floor(room / 2), keys.length - room));
    const shown = keys.slice(begin, begin + room).map((key, index) => {
      const text = visible(key).slice(0, columns - 3);
      return begin + index === active ? colour.bold(`> ${text}`) : `  ${text}`;
    });
    const more = keys.length === keysShownMax ? '; these are the first, type on for others' : '';
    const none = typed === '' ? 'there are no keys' : 'no key begins so';
    const list = fault === '' ? (keys.length === 0 ? [`  ${none}`] : shown) : [visible(fault)];
    const help = `up, down: choose; Enter: its timeline; Esc: leave${more}`;
    return [`key: ${typed}`, [...list, help.slice(0, columns - 1)].join('\n')];
  },
);
