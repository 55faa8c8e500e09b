// Loaded before the command line with `--import`: writes the peak of its memory to a file at its end.
import { writeFileSync } from 'node:fs';
import { peakMemory } from './peak-memory.mjs';

process.on('exit', () => writeFileSync(process.env.PEAK_FILE, String(peakMemory())));
