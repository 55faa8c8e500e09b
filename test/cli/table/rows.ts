/** All rows of the table. */
import { bare } from './bare.js';
import { changes } from './changes.js';
import { commonRows } from './common.js';
import type { Commands } from './complete.js';
import { erasing } from './erasing.js';
import { gets } from './get.js';
import { histories } from './histories.js';
import { manifestRows } from './manifest-rows.js';
import { packageFile } from './places.js';
import { ranges } from './ranges.js';
import type { Row } from './row.js';
import { retention } from './retention.js';
import { rowsInAndOut } from './rows-in-and-out.js';
import { serving } from './serving.js';
import { sessions } from './sessions.js';
import { upkeep } from './upkeep.js';
import { wrongWords } from './wrong-words.js';

export const { commands } = JSON.parse(packageFile('oclif.manifest.json')) as {
  commands: Commands;
};

const groups = [
  ranges,
  gets,
  histories,
  changes,
  erasing,
  rowsInAndOut,
  serving,
  sessions,
  upkeep,
  retention,
];

export const rows: readonly Row[] = [
  ...bare,
  ...groups.flatMap((group) => Object.values<Row[]>(group).flat()),
  ...commonRows,
  ...wrongWords,
  ...Object.entries(commands).flatMap(([name, command]) => manifestRows(name, command)),
];
