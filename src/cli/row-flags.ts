/** The options of commands that read rows with a key and a time. */
import { choiceOption, textOption } from './declarations.js';
import { inputFormats } from './input/row-input.js';

export const rowFlags = {
  'input-format': choiceOption('input-format', inputFormats, {
    description: "default by the file's name, else csv",
  }),
  key: textOption({ helpValue: 'COL', description: 'column of keys (default key)' }),
};
