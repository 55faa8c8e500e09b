/** Sizes such as `64M`: the letters count in steps of 1,024. */
import { usageError } from './cli-error.js';

const size = /^(\d+)(?:([KMG])(?:i?B)?|B)?$/i;
const steps: Record<string, number> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** The size in bytes. Throws where the text is no size. */
export function parseByteSize(text: string): number {
  const match = size.exec(text);
  const bytes = Number(match?.[1]) * (steps[match?.[2]?.toUpperCase() ?? ''] ?? 1);
  if (!Number.isSafeInteger(bytes)) {
    throw usageError(`${JSON.stringify(text)} is no size; sizes are written 64M, 1G or 67108864`);
  }
  return bytes;
}

const binaryUnits = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

/** A size for people: `12.3 MiB`. */
export function formatByteSize(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (amount >= 1024 && unit < binaryUnits.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? amount : amount.toFixed(1)} ${binaryUnits[unit] ?? ''}`;
}
