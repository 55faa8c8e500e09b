// Bare Node: what rule 9 measures from.
import { peakMemory } from './peak-memory.mjs';
import { answer } from './answer.mjs';

await new Promise((resolve) => setTimeout(resolve, 200));
answer({ peak: peakMemory() });
