// Loaded before a program (node --import): at its end, writes its peak of resident memory to a file.
import { writeFileSync } from 'node:fs';
import { peakMemory } from './peak-memory.mjs';

process.on('exit', () => writeFileSync(process.env.TELL_PEAK_TO, String(peakMemory())));
