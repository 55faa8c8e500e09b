/** What the engine is measured by. */
import { background } from './works/background.mjs';
import { compression } from './works/compression.mjs';
import { durable } from './works/durable.mjs';
import { growth, growthLarge } from './works/growth.mjs';
import { churn, churnLarge, pinned } from './works/keeping.mjs';
import { larger } from './works/larger.mjs';
import { load } from './works/load.mjs';
import { get, history, scan } from './works/read.mjs';
import { recovery } from './works/recovery.mjs';
import { size } from './works/size.mjs';
import { timeMap } from './works/time-map.mjs';
import { timeline } from './works/timeline.mjs';
import { waiting } from './works/waiting.mjs';
import { workers } from './works/workers.mjs';

const reads = [get, history, scan];
export const engine = [
  load,
  ...reads,
  background,
  ...larger,
  ...durable,
  recovery,
  ...size,
  timeMap,
  timeline,
  waiting,
  workers,
  compression,
  churn,
  pinned,
  growth,
];
/** What takes an hour. */
export const engineLarge = [growthLarge, churnLarge];
