/** What the engine is measured by. */
import { load } from './works/load.mjs';
import { get, history, scan } from './works/read.mjs';

export const engine = [load, get, history, scan];
