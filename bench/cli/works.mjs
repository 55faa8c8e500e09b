/** The command line: what a start, a line, a key and a row cost. */
import { asofJoin } from './asof-join.mjs';
import { batch } from './batch.mjs';
import { completion } from './completion.mjs';
import { expiring } from './expire.mjs';
import { importing } from './import.mjs';
import { oneShots } from './one-shots.mjs';
import { startUp } from './start-up.mjs';

export const cli = [startUp, batch, completion, importing, asofJoin, expiring, oneShots];
