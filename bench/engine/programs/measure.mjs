/**
 * Measures one thing in a process of its own, and prints what it found as a line of JSON.
 * Run: node measure.mjs '{"measure": "get", "subject": "timekv", "directory": "…", "shape": {…}}'
 */
import { get, history, scan } from '../measures/reads.mjs';
import { load } from '../measures/load.mjs';
import { Shape } from '../shapes.mjs';

const measures = { get, history, scan, load };

const { measure, shape, ...options } = JSON.parse(process.argv[2]);
const answer = await measures[measure]({ shape: new Shape(shape), ...options });
console.log(JSON.stringify(answer));
