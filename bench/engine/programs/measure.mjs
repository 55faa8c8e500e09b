/**
 * Measures one thing in a process of its own, and prints what it found as a line of JSON.
 * Run: node measure.mjs '{"measure": "get", "subject": "timekv", "directory": "…", "shape": {…}}'
 */
import { coldGet } from '../measures/cold.mjs';
import { durable } from '../measures/durable.mjs';
import { grow, readGrown } from '../measures/growth.mjs';
import { churn, pinned } from '../measures/keeping.mjs';
import { load } from '../measures/load.mjs';
import { memory } from '../measures/memory.mjs';
import { fillAndDie, open } from '../measures/open.mjs';
import { get, history, scan } from '../measures/reads.mjs';
import { timeMap } from '../measures/time-map.mjs';
import { storedTimeline, timeline } from '../measures/timeline.mjs';
import { answered, waiting } from '../measures/waiting.mjs';
import { workerGets } from '../measures/workers.mjs';
import { beside, compacted, compacting } from '../measures/background.mjs';
import { Readings, Shape } from '../shapes.mjs';

const reads = { get, history, scan, coldGet, workerGets };
const writes = { load, durable, compacting, compacted, beside, grow, readGrown };
const others = {
  open,
  fillAndDie,
  memory,
  churn,
  pinned,
  timeMap,
  timeline,
  waiting,
  answered,
  storedTimeline,
};
const measures = { ...reads, ...writes, ...others };
const shapeOf = (shape) => (shape.versions === undefined ? new Readings(shape) : new Shape(shape));

const { measure, shape, ...options } = JSON.parse(process.argv[2]);
const answer = await measures[measure]({ shape: shape && shapeOf(shape), ...options });
console.log(JSON.stringify(answer));
